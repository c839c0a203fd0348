import { Html } from './html.js';

/** The report's look: one column, light or dark as the reader's system is, always light on paper. */
export const style = new Html(`
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6570;--line:#d9dee3;--page:#fff;--card:#f6f8fa;--fake:#b42318;--real:#1a7f4b;--unsure:#9a6700;--curve:#3b5bdb;--warn:#fff4d6}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#9aa4ae;--line:#343a41;--page:#14171a;--card:#1d2125;--fake:#ff8a7a;--real:#5fd39a;--unsure:#e3b341;--curve:#91a7ff;--warn:#3a2f10}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 3rem;overflow-wrap:anywhere}
h1{font-size:1rem;font-weight:600;color:var(--soft);margin:0 0 1.5rem}
h2{font-size:1.05rem;margin:2.25rem 0 .75rem}
p{margin:.4rem 0}
.demo{border:2px solid var(--unsure);background:var(--warn);padding:.7rem 1rem;margin:0 0 1.5rem;border-radius:.4rem}
.demo strong{font-size:1.2rem}
.verdict{display:flex;gap:1rem 2rem;align-items:center;flex-wrap:wrap}
.verdict>div:first-child{flex:1 1 22rem}
.title{font-size:2rem;font-weight:700;line-height:1.2;margin:0 0 .25rem}
.likely_fake .title{color:var(--fake)}.likely_real .title{color:var(--real)}.inconclusive .title,.not_analysed .title{color:var(--unsure)}
.risk{flex:0 0 15rem}
.risk b{font-size:2rem}
.gauge{position:relative;padding-bottom:1.4rem}
.gauge span{position:absolute;bottom:0;transform:translateX(-50%);font-size:.8rem;color:var(--soft)}
.bar{position:relative;height:.6rem;border-radius:.3rem;background:linear-gradient(90deg,var(--real) 0 var(--r),var(--unsure) var(--r) var(--f),var(--fake) var(--f))}
.bar i{position:absolute;top:-.3rem;width:.3rem;height:1.2rem;margin-left:-.15rem;background:var(--ink);border-radius:.1rem;box-shadow:0 0 0 2px var(--page)}
.small{color:var(--soft);font-size:.86rem}
ul{margin:.75rem 0;padding-left:1.2rem}
li{margin:.3rem 0}
.note{border-left:.25rem solid var(--unsure);background:var(--card);padding:.6rem .9rem;margin:1rem 0;border-radius:0 .3rem .3rem 0}
.timeline{display:block;width:100%;height:auto;background:var(--card);border-radius:.4rem}
.timeline text{fill:var(--soft);font-size:13px}
.grid{stroke:var(--line)}.middle{stroke:var(--soft);stroke-dasharray:4 4}
.curve{fill:none;stroke:var(--curve);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.hatch{stroke:var(--soft);stroke-width:2}.gap{fill:url(#gap)}
.high{fill:var(--fake)}.low{fill:var(--real)}.whole{fill:var(--card);stroke:var(--soft);stroke-width:2}
details{margin:.75rem 0}
summary{cursor:pointer}
table{border-collapse:collapse;width:100%;font-size:.9rem;margin-top:.5rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line)}
.faces{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:1rem}
figure{margin:0;max-width:14rem}
figure img{width:100%;aspect-ratio:1;object-fit:cover;border-radius:.4rem;display:block;background:var(--card)}
figcaption{font-size:.86rem;margin-top:.3rem}
dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;margin:0;border-top:1px solid var(--line)}
dt,dd{margin:0;padding:.35rem 0;border-bottom:1px solid var(--line)}
dt{color:var(--soft);padding-right:1rem}
code{font:.86rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (max-width:34rem){.timeline text{font-size:22px}.timeline .unit,.timeline .odd{display:none}.timeline circle{r:6px}.dense circle{r:3px}dl{grid-template-columns:1fr}dt{border-bottom:0;padding-bottom:0}dd{padding-top:0}}
@media print{:root{color-scheme:light}body{font-size:11pt}main{max-width:none;padding:0}h2,.title{break-after:avoid}figure,.timeline,.verdict,.note,.demo,dt,dd,li{break-inside:avoid}.faces{grid-template-columns:repeat(6,1fr)}.demo,.note,.bar,.bar i,.timeline{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`);
