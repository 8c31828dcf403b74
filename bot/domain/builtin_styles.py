"""The styles that come with Easel. A ref is in people's preferences and buttons: it stays for ever."""

from __future__ import annotations

from bot.domain.styles import Source, Style
from bot.texts import mark


def _style(ref: str, name: str, note: str, template: str) -> Style:
    return Style(ref, Source.BUILT_IN, name, template, note)


BUILT_IN = (
    _style(
        "watercolour",
        "Watercolour",
        mark("Light washes on rough paper"),
        "{subject}, painted in watercolour: loose transparent washes that bleed into each other, soft edges, "
        "white of the rough paper left showing, a {palette=fresh and sunny} palette",
    ),
    _style(
        "ink",
        "Ink",
        mark("Black brush and pen on paper"),
        "{subject}, drawn in black ink on cream paper: confident brush lines that swell and thin, fine pen "
        "hatching for shade, a few splatters, much paper left empty",
    ),
    _style(
        "pencil",
        "Pencil sketch",
        mark("A page of a sketchbook"),
        "{subject}, a graphite pencil sketch on a sketchbook page: searching construction lines, soft "
        "cross-hatching, smudged shadows, unfinished at the edges",
    ),
    _style(
        "oil",
        "Oil painting",
        mark("Thick paint, warm light"),
        "{subject}, an oil painting on canvas: visible thick brushstrokes, rich layered colour, warm "
        "{light=late afternoon} light, deep soft shadows",
    ),
    _style(
        "gouache",
        "Gouache",
        mark("Flat, matt colour"),
        "{subject}, a gouache illustration: flat matt shapes, crisp overlapping layers, a little dry-brush "
        "texture, a limited palette of {palette=ochre, teal and coral}",
    ),
    _style(
        "storybook",
        "Storybook",
        mark("A picture for a bedtime story"),
        "{subject}, an illustration from a children's storybook: rounded friendly shapes, cosy warm light, "
        "soft pencil texture, small funny details to discover, nothing frightening",
    ),
    _style(
        "pixel-sprite",
        "Pixel sprite",
        mark("For games: small and clear"),
        "A pixel art sprite of {subject}: a {size=32x32} pixel grid scaled up without blur, at most 16 "
        "colours, a dark outline, light from the upper left, the whole figure in view, centred on a plain "
        "background of one colour",
    ),
    _style(
        "pixel-scene",
        "Pixel scene",
        mark("A backdrop of an old game"),
        "{subject}, a pixel art scene as the backdrop of a side-scrolling game: crisp square pixels, a small "
        "fixed palette, dithered sky, layers of depth from front to far, {time=dusk}",
    ),
    _style(
        "isometric",
        "Isometric",
        mark("A small model, seen from above"),
        "An isometric miniature of {subject}: a tidy little diorama on a square base, seen from above at 45 "
        "degrees without perspective, clean rounded shapes, soft shadows, a plain {background=pale blue} "
        "background",
    ),
    _style(
        "low-poly",
        "Low poly",
        mark("Facets, like folded paper"),
        "{subject}, low poly 3D render: large flat triangular facets, clean gradients from facet to facet, "
        "gentle studio light, simple background",
    ),
    _style(
        "clay",
        "Clay",
        mark("Modelled by hand"),
        "{subject}, modelled in plasticine and photographed on a small stage set: fingerprints and tool "
        "marks in the clay, rounded shapes, shallow depth of field, soft lamp light",
    ),
    _style(
        "paper-cut",
        "Paper cut",
        mark("Layers of coloured paper"),
        "{subject}, made of cut paper: many layers of coloured card one behind another, real shadows between "
        "the layers, clean scissor edges, a palette of {palette=blues and gold}",
    ),
    _style(
        "linocut",
        "Linocut",
        mark("A print from the press"),
        "{subject}, a linocut print in {ink=deep green} ink on off-white paper: bold carved shapes, visible "
        "gouge marks, slightly uneven ink, strong contrast without grey",
    ),
    _style(
        "stained-glass",
        "Stained glass",
        mark("Glowing panes"),
        "{subject} as a stained glass window: jewel-coloured panes, dark lead lines, light shining through "
        "from behind, decorative border",
    ),
    _style(
        "embroidery",
        "Embroidery",
        mark("Needle and thread"),
        "{subject}, hand embroidered on linen in a wooden hoop: satin stitch and french knots, thread with a "
        "slight sheen, visible weave of the cloth",
    ),
    _style(
        "sticker",
        "Sticker",
        mark("For chats; stands alone"),
        "A die-cut sticker of {subject}: bold clean outline, bright flat colours, {mood=cheerful} "
        "expression, thick white border, centred on a plain background, nothing cut off",
    ),
    _style(
        "badge",
        "Badge",
        mark("A round emblem with a word on it"),
        "A round emblem of {subject}: simple strong shapes that read well when small, two or three colours "
        "around {colour=navy blue}, an even ring as its border, the lettering “{text}” set along the ring "
        "exactly as written, on a plain background",
    ),
    _style(
        "poster",
        "Travel poster",
        mark("Wide shapes, few colours"),
        "{subject}, a vintage travel poster: simplified shapes, flat areas of a few {colours=warm sunset} "
        "colours, dramatic viewpoint, grain of old print, a calm empty band at the bottom without lettering",
    ),
    _style(
        "comic",
        "Comic panel",
        mark("Ink and dots"),
        "{subject}, a single comic panel: dynamic inked outlines, flat colours with halftone dots, strong "
        "light and shade, an expressive pose, no speech balloons",
    ),
    _style(
        "cinematic",
        "Cinematic still",
        mark("A frame of a film"),
        "{subject}, a still from a film: wide framing, anamorphic lens, shallow depth of field, "
        "{light=golden evening} light with haze in the air, muted colours with one warm accent, fine grain",
    ),
    _style(
        "portrait",
        "Studio portrait",
        mark("Soft light, plain backdrop"),
        "A studio portrait of {subject}: 85 mm lens, one large soft light from the side, catchlight in the "
        "eyes, natural skin and texture, plain {backdrop=warm grey} backdrop",
    ),
    _style(
        "product",
        "Product photo",
        mark("For a shop"),
        "A product photograph of {subject}: centred on a seamless {background=white} background, soft even "
        "studio light, gentle shadow and reflection below, true colours, sharp from front to back, no props "
        "and no lettering that is not on the product itself",
    ),
    _style(
        "blueprint",
        "Blueprint",
        mark("A drawing for builders"),
        "A blueprint of {subject}: thin white technical lines on blue paper with a faint grid, front, side "
        "and top view side by side, dimension lines and small callouts, precise and flat",
    ),
    _style(
        "field-guide",
        "Field guide",
        mark("A plate of a nature book"),
        "{subject}, a plate from a naturalist's field guide: precise pen and wash drawing, the whole and a "
        "few close details side by side, muted natural colours, cream paper, neat spacing",
    ),
)
"""In the order in which they are offered."""
