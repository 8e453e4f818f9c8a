import { mount } from "svelte";
import "../base.css";
import "./subject.css";
import { connectSubject } from "../backend/index.ts";
import { Glance } from "./glance.svelte.ts";
import Subject from "./Subject.svelte";

const target = document.getElementById("window");
if (target === null) throw new Error("subject.html has no #window");
const glance = new Glance(await connectSubject());
mount(Subject, { target, props: { glance } });
