/* One sentence, spoken. Invariants: the microphone is asked for by a tap only and let go with the last sound; a recording ends by itself
   after a minute; without a microphone, or where it is refused, everything else works. */
export const MOST = 60;
const KINDS = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4', 'audio/webm'];

/* Starts at once; {stop() → {bytes, type, seconds}, ended: promise of the same}. Throws where there is no microphone. */
export async function record(tick) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true } });
  const off = () => stream.getTracks().forEach((x) => x.stop());
  let recorder;
  try {
    const type = KINDS.find((k) => MediaRecorder.isTypeSupported(k));
    recorder = new MediaRecorder(stream, { ...(type ? { mimeType: type } : {}), audioBitsPerSecond: 24000 });
  } catch (e) { off(); throw e; }
  const parts = [], begun = Date.now(), seconds = () => Math.min(MOST, Math.round((Date.now() - begun) / 1000));
  recorder.ondataavailable = (e) => { if (e.data && e.data.size) parts.push(e.data); };
  const clock = setInterval(() => { tick(seconds()); if (seconds() >= MOST) stop(); }, 500);
  const ended = new Promise((ok, no) => {
    recorder.onstop = async () => { clearInterval(clock); off(); try { const blob = new Blob(parts, { type: recorder.mimeType }); ok({ bytes: new Uint8Array(await blob.arrayBuffer()), type: (recorder.mimeType || 'audio/webm').slice(0, 40), seconds: Math.max(1, seconds()) }); } catch (e) { no(e); } };
    recorder.onerror = () => { clearInterval(clock); off(); no(new Error('voice')); };
  });
  const stop = () => { if (recorder.state !== 'inactive') recorder.stop(); return ended; };
  recorder.start(1000);
  return { stop, ended };
}

/* To hear it again: decoded here, so no address of it ever exists. */
export async function play(bytes) {
  const air = new (window.AudioContext || window.webkitAudioContext)(), source = air.createBufferSource();
  source.buffer = await air.decodeAudioData(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  source.connect(air.destination); source.onended = () => air.close(); source.start();
}
