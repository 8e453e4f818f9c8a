// What this machine remembers about the window itself. The operator is remembered by the station.
const SOUNDS = "likeness.sounds";

class Settings {
  sounds = $state(window.localStorage.getItem(SOUNDS) !== "off");

  chooseSounds(on: boolean): void {
    this.sounds = on;
    window.localStorage.setItem(SOUNDS, on ? "on" : "off");
  }
}

export const settings = new Settings();
