// How many dialogs lie over the window: what waits for the last of them to close can see it.
class Dialogs {
  open = $state(0);
}

export const dialogs = new Dialogs();
