// Direct access to the memory of both decoders: `decode` of their packages leaves so much garbage that a thread grows by
// tens of megabytes. These members are undocumented: the versions are pinned, and tests decode real files with them.
import type { MPEGDecoder } from 'mpg123-decoder';
import type { OpusDecoder } from 'opus-decoder';

/** Samples of each channel, valid until the next ones; the consumer must overwrite them. */
export type Channels = readonly Float32Array[];
export type TakeSamples = (channels: Channels, samples: number, rate: number) => void;

type Memory<T> = { readonly ptr: number; readonly len: number; readonly buf: T };
type Wasm<Name extends string> = {
  readonly _common: { readonly wasm: Readonly<Record<Name, (...given: readonly number[]) => number>> };
  readonly _decoder: number;
  readonly _input: Memory<Uint8Array>;
  readonly _output: Memory<Float32Array>;
};
/** Version 1.0.3, src/MPEGDecoder.js. */
type Mpg123 = Wasm<'mpeg_decoder_feed' | 'mpeg_decoder_read'> & {
  readonly _samplesDecodedPtr: Memory<Uint32Array>;
  readonly _sampleRatePtr: Memory<Uint32Array>;
  readonly _errorStringPtr: Memory<Uint32Array>;
};
/** Version 0.7.12, src/OpusDecoder.js. */
type Libopus = Wasm<'opus_frame_decode_float_deinterleaved'>;

/** mpg123.h: more input needed. */
const NEED_MORE = -10;
/** Maximum reads in a row without a sample: more means an endless loop. */
const MAX_EMPTY_READS = 1_000;

/** Feeds up to 64 KiB to a ready decoder and emits the result: always two channels. */
export function mpg123(ready: MPEGDecoder): (bytes: Uint8Array, take: TakeSamples) => void {
  const inside = ready as unknown as Mpg123;
  const { _decoder, _input, _output, _samplesDecodedPtr, _sampleRatePtr, _errorStringPtr } = inside;
  const { wasm } = inside._common;
  const into = [_output.ptr, _output.len, _samplesDecodedPtr.ptr, _sampleRatePtr.ptr, _errorStringPtr.ptr];
  return (bytes, take) => {
    _input.buf.set(bytes);
    if (wasm.mpeg_decoder_feed(_decoder, _input.ptr, bytes.length) === NEED_MORE) return;
    for (let idle = 0; idle < MAX_EMPTY_READS; idle++) {
      _samplesDecodedPtr.buf[0] = 0;
      const result = wasm.mpeg_decoder_read(_decoder, ...into);
      const samples = _samplesDecodedPtr.buf[0] as number;
      if (samples > 0) {
        const channels = [_output.buf.subarray(0, samples), _output.buf.subarray(samples, 2 * samples)];
        take(channels, samples, _sampleRatePtr.buf[0] as number);
        idle = 0;
      }
      // Any other code is an error that it recovers from, or the start of another stream.
      if (result === NEED_MORE) return;
    }
    throw new Error('the decoder makes no progress');
  };
}

/** Decodes one packet with a ready decoder. Null where the packet is broken. */
export function libopus(ready: OpusDecoder<undefined>, channels: 1 | 2): (packet: Uint8Array) => Channels | null {
  const inside = ready as unknown as Libopus;
  const { _decoder, _input, _output } = inside;
  const { wasm } = inside._common;
  return (packet) => {
    _input.buf.set(packet);
    const samples = wasm.opus_frame_decode_float_deinterleaved(_decoder, _input.ptr, packet.length, _output.ptr);
    if (samples <= 0) return null;
    return Array.from({ length: channels }, (_, n) => _output.buf.subarray(n * samples, (n + 1) * samples));
  };
}
