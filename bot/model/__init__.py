"""The model's API: paid calls for pictures, the catalogue of models, and what can go wrong."""
