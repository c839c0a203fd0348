import { describe, expect, it } from 'vitest';
import { signatureOf } from './signature.js';

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const ftyp = (brand: string) =>
  bytes([0, 0, 0, 24], 'ftyp', brand, [0, 0, 0, 0], brand, brand, Buffer.alloc(64).toString());

describe('signatureOf', () => {
  it.each([
    ['JPEG', bytes([0xff, 0xd8, 0xff, 0xe0, 0, 16], 'JFIF'), 'still', 'jpg'],
    ['GIF', bytes('GIF89a', [1, 0, 1, 0, 0, 0, 0]), 'still', 'gif'],
    ['WebP', bytes('RIFF', [8, 0, 0, 0], 'WEBPVP8 '), 'still', 'webp'],
    ['AVIF', ftyp('avif'), 'still', 'avif'],
    ['HEIC', ftyp('heic'), 'still', 'heic'],
    ['MP4', ftyp('isom'), 'stream', 'mp4'],
    ['QuickTime', ftyp('qt  '), 'stream', 'mov'],
    ['WAV', bytes('RIFF', [8, 0, 0, 0], 'WAVEfmt '), 'stream', 'wav'],
    ['PDF', bytes('%PDF-1.7\n', [0xe2, 0xe3]), 'refused', 'pdf'],
    ['ZIP', bytes('PK', [3, 4, 20, 0, 0, 0, 0, 0]), 'refused', null],
  ])('knows %s', async (_, head, family, extension) => {
    const signature = await signatureOf(head);
    expect(signature.family).toBe(family);
    if (extension !== null) expect(signature.extension).toBe(extension);
  });

  it.each([
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'an SVG drawing'],
    ['<?xml version="1.0"?>\n<svg width="1"/>', 'an SVG drawing'],
    ['#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n', 'a playlist'],
    ['<!doctype html><title>404</title>', 'a web page'],
    ["ffconcat version 1.0\nfile 'a.mp4'\n", 'a playlist'],
  ])('refuses %j', async (text, found) => {
    expect(await signatureOf(Buffer.from(text))).toMatchObject({ family: 'refused', found });
  });

  it.each(['hällo', "file 'a.mp4'\n", '{"a": 1}'])('knows %j for text', async (text) => {
    const found = 'a file of unknown type that holds text';
    expect(await signatureOf(Buffer.from(text))).toMatchObject({ family: 'text', found });
  });

  it('leaves what it doesn’t know to ffprobe', async () => {
    const noise = Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 131 + 7) % 251));
    expect(await signatureOf(noise)).toMatchObject({ family: 'stream', extension: null });
    expect(await signatureOf(Buffer.alloc(100))).toMatchObject({ family: 'stream' });
  });
});
