import { mount } from "svelte";
import "./base.css";
import "./booth.css";
import "./office.css";
import App from "./App.svelte";
import { connect } from "./backend/index.ts";
import { Station } from "./state.svelte.ts";

const target = document.getElementById("window");
if (target === null) throw new Error("index.html has no #window");
const station = new Station(await connect());
mount(App, { target, props: { station } });
