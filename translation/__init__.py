"""For those who translate: what there is to say in every language, and whether a language says it well."""
