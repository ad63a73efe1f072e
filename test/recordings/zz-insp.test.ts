import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import { createBench, noMedia, isReady, untilRecorded, FFMPEG, loudness, onset } from './support.ts';
describe('x', function(){ this.timeout(90000); it('y', async()=>{
const b = await createBench(); const r = await b.open(noMedia);
execFileSync(FFMPEG, ['-v','error','-y','-f','lavfi','-i','sine=frequency=440:sample_rate=48000:duration=20','-af',"volume='if(lt(mod(t,2),1),0,1)':eval=frame",'-ac','1','-c:a','libopus','-b:a','24k','/tmp/rx/t.ogg']);
execFileSync(FFMPEG, ['-v','error','-y','-f','lavfi','-i',"color=black:s=320x180:r=30:d=20,drawbox=c=white:t=fill:enable='gte(mod(t,2),1)'",'-c:v','libvpx','-b:v','200k','-deadline','realtime','-auto-alt-ref','0','/tmp/rx/t.ivf']);
await r.import({lesson:'sync',from:0,to:20000,tracks:[{path:'/tmp/rx/t.ogg',participant:'d',part:'lead',source:'mic',at:0},{path:'/tmp/rx/t.ivf',participant:'d',part:'lead',source:'camera',at:0}]});
await untilRecorded(r,'sync',isReady);
for (const n of ['voice-opus.m3u8','voice-aac.m3u8']) { const f = await r.file('sync',n); const l = await loudness(f!); console.log(n, 'ffmpeg onsets', [500,2500,4500].map(s=>onset(l,0.02,s))); }
const server = createServer(async (q,s)=>{ try { const name=(q.url??'').split('/').at(-1)!; if (name==='hls.js') { s.end(await readFile('node_modules/hls.js/dist/hls.min.js')); return; } if (name==='') { s.setHeader('content-type','text/html'); s.end('<video id=v playsinline></video><script src=hls.js></script>'); return; } const f = await r.file('sync',name); if(!f){s.statusCode=404;s.end();return;} s.end(await readFile(f)); } catch(e){ s.statusCode=500; s.end(String(e)); } });
server.listen(0); await once(server,'listening'); const port=(server.address() as any).port;
const br = await chromium.launch({executablePath:'/usr/bin/chromium', args:['--no-sandbox','--autoplay-policy=no-user-gesture-required']});
try { for (const name of ['voice-opus.m3u8','voice-aac.m3u8','voice.m3u8','picture.m3u8']) for (const seek of [0, 9.3]) {
const page = await br.newPage(); await page.goto(`http://127.0.0.1:${port}/`);
const out = await page.evaluate(async ({name,seek})=>{ const v = document.getElementById('v') as HTMLVideoElement; const h = new (window as any).Hls({startPosition:seek}); h.loadSource(name); h.attachMedia(v); const ctx = new AudioContext({latencyHint:'interactive'}); const src = ctx.createMediaElementSource(v); const an = ctx.createAnalyser(); an.fftSize=256; src.connect(an); an.connect(ctx.destination); await v.play(); const buf = new Float32Array(256); const ons:number[]=[]; const vis:number[]=[]; let was=false; let wasV=false; const c=document.createElement('canvas'); c.width=8;c.height=8; const g=c.getContext('2d')!; const end=performance.now()+7000; while(performance.now()<end){ an.getFloatTimeDomainData(buf); const l=Math.max(...buf.map(Math.abs)); const on=l>0.03; if(on&&!was) ons.push(+v.currentTime.toFixed(3)); was=on; if (v.videoWidth) { g.drawImage(v,0,0,8,8); const lit=g.getImageData(4,4,1,1).data[0]!>128; if(lit&&!wasV) vis.push(+v.currentTime.toFixed(3)); wasV=lit; } await new Promise(r=>setTimeout(r,4)); } return {ons, vis, lat: ctx.outputLatency, base: ctx.baseLatency, level:h.levels[h.currentLevel]?.attrs?.CODECS, dur:v.duration}; }, {name,seek}) ;
console.log(name, seek, JSON.stringify(out)); await page.close(); } } finally { await br.close(); server.close(); await b.close(); }
});});
