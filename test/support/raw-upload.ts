/** A file as part of a form, byte for byte as given: what browsers would quote is not quoted. */
export interface RawUpload {
  readonly bytes: Uint8Array;
  /** Written into the part's header as it is, in UTF-8. */
  readonly fileName: string;
  /** `Content-Type` of the part; none when left out. */
  readonly contentType?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

const BOUNDARY = 'boundary-of-a-raw-upload';

/** The request of a client that minds no rules about names. */
export function rawUpload({ bytes, fileName, contentType, fields = {} }: RawUpload): RequestInit {
  const texts = Object.entries(fields).map(
    ([name, value]) =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const disposition = `Content-Disposition: form-data; name="media"; filename="${fileName}"`;
  const type = contentType === undefined ? '' : `\r\nContent-Type: ${contentType}`;
  return {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: Buffer.concat([
      Buffer.from(`${texts.join('')}--${BOUNDARY}\r\n${disposition}${type}\r\n\r\n`),
      bytes,
      Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
    ]),
  };
}
