import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';

/** AUTH_RESPONSE (0x0F) = token [bytes]. The token is the authenticator's own; its length goes in front once. */
export function writeAuthResponse(writer: ByteWriter, token: Uint8Array | null): void {
  writer.writeBytes(token);
}

/** AUTHENTICATE (0x03) = authenticator [string], a Java class name. Segments begin right behind it. */
export function readAuthenticate(reader: ByteReader): string {
  return reader.readString();
}

/** AUTH_CHALLENGE (0x0E) = token [bytes]. */
export function readAuthChallenge(reader: ByteReader): Buffer | null {
  return reader.readBytes();
}

/** AUTH_SUCCESS (0x10) = token [bytes], most often null. */
export function readAuthSuccess(reader: ByteReader): Buffer | null {
  return reader.readBytes();
}
