// Four short tones, told apart without looking: up is good, down is stop, a chord is filed, two knocks ask for the document.
// Made here so that no asset can be missing.

export type Sound = "verified" | "refused" | "filed" | "take";

type Tone = { hz: number; from: number; seconds: number; wave: OscillatorType };

const TONES: Record<Sound, Tone[]> = {
  verified: [{ hz: 660, from: 0, seconds: 0.09, wave: "sine" }, { hz: 880, from: 0.1, seconds: 0.14, wave: "sine" }],
  refused: [{ hz: 220, from: 0, seconds: 0.22, wave: "triangle" }, { hz: 165, from: 0.24, seconds: 0.34, wave: "triangle" }],
  filed: [{ hz: 523, from: 0, seconds: 0.32, wave: "sine" }, { hz: 659, from: 0.05, seconds: 0.3, wave: "sine" }, { hz: 784, from: 0.1, seconds: 0.34, wave: "sine" }],
  take: [{ hz: 988, from: 0, seconds: 0.07, wave: "sine" }, { hz: 988, from: 0.16, seconds: 0.07, wave: "sine" }],
};

let context: AudioContext | null = null;

/** Opens the sound card ahead of time: the first opening may take half a second, and the moment of the seat has none to spare. */
export function warm(): void {
  try {
    context ??= new AudioContext();
  } catch {
    // As in `play`.
  }
}

export function play(sound: Sound): void {
  try {
    warm();
    if (context === null) return;
    if (context.state === "suspended") void context.resume();
    const now = context.currentTime + 0.01;
    for (const tone of TONES[sound]) sing(context, tone, now);
  } catch {
    // A machine without a sound card photographs all the same.
  }
}

function sing(audio: AudioContext, tone: Tone, now: number): void {
  const oscillator = audio.createOscillator();
  const volume = audio.createGain();
  const begin = now + tone.from;
  const end = begin + tone.seconds;
  oscillator.type = tone.wave;
  oscillator.frequency.value = tone.hz;
  volume.gain.setValueAtTime(0, begin);
  volume.gain.linearRampToValueAtTime(0.18, begin + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.001, end);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(begin);
  oscillator.stop(end + 0.02);
}
