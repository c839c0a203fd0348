import type { MediaErrorCode } from '../../libs/media/media-error.js';
import { refused, type CorpusFile } from './corpus-file.js';
import type { Lure } from './lure.js';

const text = (name: string, content: string, code: MediaErrorCode, says: string): CorpusFile => ({
  name,
  bytes: () => Buffer.from(content, 'latin1'),
  expected: refused(code, says),
});

/** Texts that name other files or hosts, or are programs; mostly under a video's name. */
export const texts = ({ file, server }: Lure): readonly CorpusFile[] => [
  text('empty.mp4', '', 'media_empty', 'an empty file'),
  text(
    'playlist-file.mp4',
    `#EXTM3U\n#EXTINF:1,\nfile://${file}\n#EXT-X-ENDLIST\n`,
    'media_unsupported',
    'a playlist',
  ),
  text(
    'playlist-http.mp4',
    `\xef\xbb\xbf#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${server}/key"\n#EXTINF:1,\n${server}/a.ts\n`,
    'media_unsupported',
    'a playlist',
  ),
  text(
    'concat.mp4',
    `ffconcat version 1.0\nfile 'file://${file}'\n`,
    'media_unsupported',
    'a playlist',
  ),
  text('concat-bare.mp4', `# a list\nfile 'file://${file}'\n`, 'media_unreadable', 'holds text'),
  text(
    'dash.mp4',
    `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>${server}/</BaseURL></MPD>`,
    'media_unsupported',
    'a playlist',
  ),
  text(
    'smooth.mp4',
    `<?xml version="1.0"?><SmoothStreamingMedia><StreamIndex Url="${server}/"/></SmoothStreamingMedia>`,
    'media_unsupported',
    'a playlist',
  ),
  text(
    'session.mp4',
    'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\n',
    'media_unsupported',
    'a playlist',
  ),
  text(
    'asx.mp4',
    `<ASX version="3.0"><Ref href="${server}/a"/></ASX>`,
    'media_unsupported',
    'a playlist',
  ),
  text(
    'drawing.svg',
    `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file://${file}"/></svg>`,
    'media_unsupported',
    'an SVG drawing',
  ),
  text(
    'entities.svg',
    `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file://${file}">]><svg><text>&x;</text></svg>`,
    'media_unsupported',
    'SVG',
  ),
  text('script.mp4', '#!/bin/sh\ntouch /tmp/owned\n', 'media_unreadable', 'holds text'),
  text('page.mp4', '<!DOCTYPE html><title>Not found</title>', 'media_unsupported', 'a web page'),
  text('error.mp4', '{"error":"not found"}', 'media_unreadable', 'holds text'),
  text('document.pdf', '%PDF-1.7\n1 0 obj\n<<>>\nendobj\n', 'media_unsupported', 'pdf'),
  text(
    'document.ps',
    '%!PS-Adobe-3.0\n(/etc/passwd) (r) file\n',
    'media_unsupported',
    'postscript',
  ),
  text(
    'subtitles.mp4',
    '1\n00:00:00,000 --> 00:00:01,000\nhello\n',
    'media_unreadable',
    'holds text',
  ),
];
