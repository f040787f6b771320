#!/usr/bin/env python3
"""Draws the application's icon: farhand.svg, PNGs of 16 to 256 pixels, farhand.ico for Windows, and raw
RGBA for the window.

A pointer at the end of two widening arcs: a hand that reaches far. Below 48 pixels one arc remains.
Needs Pillow. One geometry, in a square of 256 units, gives both the vector and the pixels.
"""
import math
import pathlib

from PIL import Image, ImageDraw

HERE = pathlib.Path(__file__).parent
BACK, MARK, ARC = "#0b6a7c", "#ffffff", "#8fd6e4"
CORNER = 56
# Tip, heel, notch, stem (four points), notch, wing: the classic pointer.
POINTER = [(108, 100), (108, 214), (135, 189), (154, 230), (176, 220), (157, 180), (194, 178)]
ARCS = [(108, 100, 40, 15), (108, 100, 70, 15)]
FROM, TO = 168, 282  # degrees of the arcs, clockwise from the right
SMALL_POINTER = [(92, 84), (92, 222), (125, 192), (146, 238), (176, 224), (155, 180), (198, 178)]
SMALL_ARCS = [(92, 84, 46, 24)]


def arc_ends(x, y, radius):
    return [(x + radius * math.cos(math.radians(a)), y + radius * math.sin(math.radians(a))) for a in (FROM, TO)]


def svg():
    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" role="img" aria-label="Farhand">',
             f'  <rect width="256" height="256" rx="{CORNER}" fill="{BACK}"/>']
    for x, y, radius, width in ARCS:
        (x0, y0), (x1, y1) = arc_ends(x, y, radius)
        lines.append(f'  <path d="M{x0:.1f} {y0:.1f}A{radius} {radius} 0 0 1 {x1:.1f} {y1:.1f}" fill="none" '
                     f'stroke="{ARC}" stroke-width="{width}" stroke-linecap="round"/>')
    points = " ".join(f"{x},{y}" for x, y in POINTER)
    lines.append(f'  <polygon points="{points}" fill="{MARK}" stroke="{MARK}" stroke-width="10" stroke-linejoin="round"/>')
    lines.append("</svg>\n")
    (HERE / "farhand.svg").write_text("\n".join(lines))


def pixels(size):
    scale = 8 * size / 256
    big = Image.new("RGBA", (8 * size, 8 * size))
    draw = ImageDraw.Draw(big)
    draw.rounded_rectangle([0, 0, 8 * size - 1, 8 * size - 1], CORNER * scale, fill=BACK)
    pointer, arcs = (SMALL_POINTER, SMALL_ARCS) if size < 48 else (POINTER, ARCS)

    def disc(x, y, radius, fill):
        draw.ellipse([(x - radius) * scale, (y - radius) * scale, (x + radius) * scale, (y + radius) * scale], fill=fill)

    for x, y, radius, width in arcs:
        outer = radius + width / 2
        box = [(x - outer) * scale, (y - outer) * scale, (x + outer) * scale, (y + outer) * scale]
        draw.arc(box, FROM, TO, fill=ARC, width=round(width * scale))
        for end in arc_ends(x, y, radius):
            disc(*end, width / 2, ARC)
    draw.polygon([(x * scale, y * scale) for x, y in pointer], fill=MARK)
    for (x0, y0), (x1, y1) in zip(pointer, pointer[1:] + pointer[:1]):
        draw.line([x0 * scale, y0 * scale, x1 * scale, y1 * scale], fill=MARK, width=round(10 * scale))
        disc(x0, y0, 5, MARK)
    return big.resize((size, size), Image.Resampling.LANCZOS)


def main():
    svg()
    for size in (16, 24, 32, 48, 64, 128, 256):
        pixels(size).save(HERE / f"farhand-{size}.png", optimize=True)
    sizes = (16, 24, 32, 48, 64, 256)
    pictures = [pixels(size) for size in sizes]
    pictures[-1].save(HERE / "farhand.ico", append_images=pictures[:-1], sizes=[(size, size) for size in sizes])
    (HERE / "farhand-64.rgba").write_bytes(pixels(64).tobytes())


main()
