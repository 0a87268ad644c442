import { CodecRegistry } from './registry.js';

/** For what the driver asks for itself: a user's codecs, forms and classes must not change what it reads. */
export const OWN_REGISTRY = new CodecRegistry();
