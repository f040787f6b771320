#!/usr/bin/env python3
"""Makes the font files of this folder from their upstream packages.

usage: subset.py INTER_UI_DIR JETBRAINS_TTF PHOSPHOR_DIR NOTO_SYMBOLS2_TTF NOTO_EMOJI_DIR

Needs fonttools and brotli. INTER_UI_DIR is the npm package `inter-ui`, PHOSPHOR_DIR `@phosphor-icons/web`,
NOTO_EMOJI_DIR `@fontsource/noto-emoji`; the other two come from fonts-jetbrains-mono and fonts-noto-core.
Icons are named in icons.txt; after a change of that list run this and copy the constants it prints to
src/icons.rs.
"""
import pathlib
import re
import sys

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

HERE = pathlib.Path(__file__).parent
TEXT = ("0020-007E,00A0-024F,0259,02B0-02FF,0300-036F,0370-03FF,0400-052F,1E00-1EFF,2000-2063,2070-209F,"
        "20A0-20BF,2100-2126,2190-21FF,2200-2265,2318,2325,21E7,2303,232B,2387,23CE,25A0-25FF,2713,2717,FB01,FB02,FFFD")
MONO = "0020-007E,00A0-017F,0370-03FF,0400-045F,2000-206F,20AC,2190-2199,2260-2265,2500-259F,25A0-25CF,FFFD"
EMOJI = ("2600-26FF,2700-27BF,2B50,2B55,200D,FE0F,1F300-1F5FF,1F600-1F64F,1F680-1F6FF,1F7E0-1F7EB,1F90C-1F9FF,"
         "1FA70-1FAFF")
SYMBOLS = "2300-23FF,2460-24FF,25A0-25FF,2600-26FF,2700-27BF,2B00-2BFF"


def code_points(spec):
    found = set()
    for part in spec.split(","):
        first, _, last = part.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return found


def save(font, name, unicodes, features):
    options = subset.Options()
    options.layout_features = features
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.hinting = False
    options.glyph_names = False
    tool = subset.Subsetter(options)
    tool.populate(unicodes=unicodes)
    tool.subset(font)
    font.flavor = None
    font.save(HERE / name)
    print(name, (HERE / name).stat().st_size, "bytes", file=sys.stderr)


def tabular_digits(font):
    """Digits of equal width everywhere: times and counters must not make a list tremble."""
    for table in font["cmap"].tables:
        for code in range(ord("0"), ord("9") + 1):
            plain = table.cmap.get(code)
            if plain and plain + ".tf" in font.getGlyphSet():
                table.cmap[code] = plain + ".tf"


def honest_bearings(font):
    """Phosphor claims the whole square as outline of each glyph; the subsetter tells the truth, so bearings must too."""
    for name in font.getGlyphOrder():
        glyph = font["glyf"][name]
        if glyph.numberOfContours:
            glyph.recalcBounds(font["glyf"])
            font["hmtx"][name] = (font["hmtx"][name][0], glyph.xMin)


def main():
    inter, mono, phosphor, symbols, emoji = map(pathlib.Path, sys.argv[1:6])
    for weight in ("Regular", "SemiBold"):
        font = TTFont(inter / "web" / f"Inter-{weight}.woff2")
        tabular_digits(font)
        save(font, f"Inter-{weight}.ttf", code_points(TEXT), ["kern", "ccmp", "mark", "mkmk", "locl"])
    save(TTFont(mono), "JetBrainsMono-Regular.ttf", code_points(MONO), ["ccmp", "mark"])
    save(TTFont(symbols), "NotoSansSymbols2-Subset.ttf", code_points(SYMBOLS), [])
    emoji_font = TTFont(emoji / "files/noto-emoji-emoji-400-normal.woff2")
    scale_upem(emoji_font, 256)  # emoji are painted at 20 pixels; coarse points halve the file
    save(emoji_font, "NotoEmoji-Subset.ttf", code_points(EMOJI), [])

    css = (phosphor / "src/regular/style.css").read_text()
    codes = dict(re.findall(r'\.ph\.ph-([a-z0-9-]+):before \{\s*content: "\\([0-9a-f]+)"', css))
    names = (HERE / "icons.txt").read_text().split()
    for name in names:
        print(f'/// Phosphor `{name}`.\npub const {name.upper().replace("-", "_")}: &str = "\\u{{{codes[name]}}}";')
    icons = TTFont(phosphor / "src/regular/Phosphor.ttf")
    honest_bearings(icons)
    save(icons, "Phosphor-Subset.ttf", {int(codes[name], 16) for name in names}, [])


main()
