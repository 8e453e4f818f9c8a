import type { Backend, SubjectBackend } from "./backend.ts";

/**
 * The product is built without the in-memory backend: `MODE` is a constant for the bundler, the branch falls away and with it
 * every drawn person. So the window of a real station cannot fall back to invented people when its bridge is gone.
 */
export async function connect(): Promise<Backend> {
  if (import.meta.env.MODE === "memory") return (await import("./memory/memory.ts")).memory();
  return (await import("./tauri.ts")).tauri;
}

/** The subject's window has a page of its own and asks nothing else. */
export async function connectSubject(): Promise<SubjectBackend> {
  if (import.meta.env.MODE === "memory") return (await import("./memory/subject.ts")).memorySubject();
  return (await import("./tauri.ts")).subject;
}
