// What this machine remembers about the window itself. The operator is remembered by the station.
const SOUNDS = "likeness.sounds";

class Settings {
  /** The next key is learned as the remote trigger, and means nothing else meanwhile. */
  learning = $state(false);
  sounds = $state(window.localStorage.getItem(SOUNDS) !== "off");

  chooseSounds(on: boolean): void {
    this.sounds = on;
    window.localStorage.setItem(SOUNDS, on ? "on" : "off");
  }
}

export const settings = new Settings();
