import * as C from "@twinview/core"; import { vit } from "@twinview/vit"; import { adamw } from "@twinview/optim"; import { mocoV3, trainingStep } from "@twinview/methods"; import * as G from "@twinview/engine"; import ort from "onnxruntime-node"; import fs from "fs";
const [dim, depth, B, chunk] = (process.env.CFG ?? "96,4,32,1000").split(",").map(Number);
const enc = vit({ size: { name: "x", dim, depth, heads: 3 }, patch: 4, image: 32 });
const ts = trainingStep({ encoder: enc, method: mocoV3({ hidden: 1024 }), optimizer: adamw(), chunk });
let t = performance.now(); const lap = (s) => { console.log(s, (performance.now() - t).toFixed(0), "ms"); t = performance.now(); };
const state = C.evaluate(() => ts.init(C.rngOf(0))); lap("init");
const sl = C.leaves(state); const params = sl.filter(([p]) => p.startsWith("online")).reduce((a, [, v]) => a + C.sizeOf(v.shape), 0);
const inputs = { ...Object.fromEntries(sl.map(([p, v]) => ["state:" + p, { shape: v.shape, dtype: v.dtype }])), v0: { shape: [B, 32, 32, 3], dtype: "uint8" }, v1: { shape: [B, 32, 32, 3], dtype: "uint8" }, lr: { shape: [], dtype: "float32" }, wd: { shape: [], dtype: "float32" }, momentum: { shape: [], dtype: "float32" } };
let g = G.trace(inputs, (x) => { const st = C.mapTree((_, p) => x["state:" + p], state); const r = ts.step({ state: st, views: [x.v0, x.v1], hyper: { lr: x.lr, wd: x.wd, momentum: x.momentum } }); return { ...Object.fromEntries(C.leaves(r.state).map(([p, v]) => ["out:" + p, v])), ...Object.fromEntries(Object.entries(r.metrics).map(([k, v]) => ["m:" + k, v])) }; }); lap("trace");
console.log("nodes", g.nodes.length, G.costOf(g));
for (const p of [G.simplify, G.accumulateProducts, G.dropDeadCode]) g = p(g);
const cost = G.costOf(g); console.log("nodes", g.nodes.length, cost, G.memoryOf(g)); lap("passes");
if (process.env.PRINT) fs.writeFileSync("/tmp/scratch/graph.txt", G.printGraph(g));
const bytes = G.writeOnnx(g); lap("onnx " + bytes.length);
const sess = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: process.env.OPT ?? "all", intraOpNumThreads: 2, interOpNumThreads: 1, ...(process.env.PROF ? { enableProfiling: true, profileFilePrefix: "/tmp/scratch/prof" } : {}) }); lap("session");
const T = (d, s, ty = "float32") => new ort.Tensor(ty, d, s);
const cur = Object.fromEntries(sl.map(([p, v]) => [p, v.data.slice()])), nxt = Object.fromEntries(sl.map(([p, v]) => [p, v.data.slice()]));
const rnd = () => Uint8Array.from({ length: B * 3072 }, () => Math.random() * 256); const x0 = rnd(), x1 = x0.map((v) => Math.min(255, v * 0.9 + Math.random() * 25));
const times = []; let A = cur, Bf = nxt; const used = new Set(g.inputs.map((i) => i.name));
const N = +(process.env.STEPS ?? 8);
for (let s = 0; s < N; s++) {
  const feeds = { ...Object.fromEntries(sl.map(([p, v]) => ["state:" + p, T(A[p], v.shape)])), v0: T(x0, [B, 32, 32, 3], "uint8"), v1: T(x1, [B, 32, 32, 3], "uint8"), lr: T([s < 2 ? 0 : 1e-4], []), wd: T([0.1], []), momentum: T([0.99], []) };
  const fetches = { ...Object.fromEntries(sl.map(([p, v]) => ["out:" + p, T(Bf[p], v.shape)])), ...Object.fromEntries(g.outputs.filter((o) => o.name.startsWith("m:")).map((o) => [o.name, null])) };
  const t0 = performance.now(); const r = await sess.run(feeds, fetches); times.push(performance.now() - t0); [A, Bf] = [Bf, A];
  console.log(s, "loss", r["m:loss"].data[0].toFixed(5), "std", r["m:embeddingStd"].data[0].toFixed(4), "g", r["m:gradientNorm/encoder/patch/w"].data[0].toFixed(4), times.at(-1).toFixed(0), "ms");
}
times.splice(0, 2); times.sort((a, b) => a - b); const med = times[times.length >> 1]; console.log(`median ${med.toFixed(1)} ms  ${(B / med * 1e3).toFixed(1)} img/s  ${(cost.matmulFlops / med / 1e6).toFixed(0)} GFLOPS params ${params} rss ${(process.memoryUsage().rss / 1e9).toFixed(2)}`);
if (process.env.PROF) sess.endProfiling(); await sess.release();
