// Draws the letters of the pictures that stand for charts where a link to one is shown, out of the site's own face:
// `node end2end/glyphs.mjs` writes crates/backend/src/cards/glyphs.png and glyphs.txt.
//
// A server that draws text needs letters, and no more: a sheet of them is 40 kB where a rasteriser and a face are a megabyte.

import { readFileSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";

const here = new URL("..", import.meta.url);
const face = readFileSync(new URL("public/fonts/sans.woff2", here)).toString("base64");
const ascii = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("");
const latin = Array.from({ length: 95 }, (_, at) => String.fromCharCode(161 + at)).join("").replace("\u00ad", "");
const sizes = [
  { name: "L", pixels: 76, weight: 650, letters: ascii },
  { name: "M", pixels: 34, weight: 400, letters: `${ascii}${latin}\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026` },
];

const browser = await chromium.launch({ executablePath: process.env.CHARTROOM_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();
const drawn = await page.evaluate(
  async ({ face, sizes }) => {
    const loaded = new FontFace("Sheet", `url(data:font/woff2;base64,${face})`, { weight: "100 900" });
    document.fonts.add(await loaded.load());
    const width = 1024;
    const canvas = new OffscreenCanvas(width, 1024);
    const context = canvas.getContext("2d");
    context.fillStyle = "black";
    context.fillRect(0, 0, width, canvas.height);
    context.fillStyle = "white";
    context.textBaseline = "alphabetic";
    const lines = [];
    let top = 0;
    for (const { name, pixels, weight, letters } of sizes) {
      context.font = `${weight} ${pixels}px Sheet`;
      const above = Math.ceil(pixels * 0.98);
      const height = Math.ceil(pixels * 1.26);
      const pad = Math.ceil(pixels * 0.06);
      lines.push(`${name} ${height}`);
      let left = 0;
      for (const letter of letters) {
        const advance = context.measureText(letter).width;
        const cell = Math.ceil(advance) + 2 * pad;
        if (left + cell > width) {
          left = 0;
          top += height;
        }
        context.fillText(letter, left + pad, top + above);
        lines.push(`${letter.codePointAt(0)} ${left} ${top} ${cell} ${pad} ${Math.round(advance * 64)}`);
        left += cell;
      }
      top += height;
    }
    const pixels = context.getImageData(0, 0, width, top).data;
    const gray = [];
    for (let at = 0; at < pixels.length; at += 4) gray.push(pixels[at]);
    return { lines, gray, width, height: top };
  },
  { face, sizes },
);
await browser.close();

// A gray PNG by hand: the browser writes four channels.
const { crc32, deflateSync } = await import("node:zlib");
const raw = Buffer.alloc((drawn.width + 1) * drawn.height);
for (let row = 0; row < drawn.height; row++) {
  Buffer.from(drawn.gray.slice(row * drawn.width, (row + 1) * drawn.width)).copy(raw, row * (drawn.width + 1) + 1);
}
const chunk = (kind, body) => {
  const typed = Buffer.concat([Buffer.from(kind), body]);
  const out = Buffer.alloc(8);
  out.writeUInt32BE(body.length, 0);
  out.writeUInt32BE(crc32(typed), 4);
  return Buffer.concat([out.subarray(0, 4), typed, out.subarray(4)]);
};
const head = Buffer.alloc(13);
head.writeUInt32BE(drawn.width, 0);
head.writeUInt32BE(drawn.height, 4);
head[8] = 8;
const png = Buffer.concat([
  Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
  chunk("IHDR", head),
  chunk("IDAT", deflateSync(raw, { level: 9 })),
  chunk("IEND", Buffer.alloc(0)),
]);
const to = (name) => new URL(`crates/backend/src/cards/${name}`, here);
writeFileSync(to("glyphs.png"), png);
writeFileSync(to("glyphs.txt"), `${drawn.lines.join("\n")}\n`);
