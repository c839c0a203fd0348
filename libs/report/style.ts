import { Html } from './html.js';

/** The report's look: one column, light or dark as the reader's system is, plain on paper. */
export const style = new Html(`
:root{--ink:#1b1f24;--soft:#5b6570;--line:#d9dee3;--page:#fff;--card:#f6f8fa;--fake:#b42318;--real:#1a7f4b;--unsure:#9a6700;--curve:#3b5bdb}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#9aa4ae;--line:#343a41;--page:#14171a;--card:#1d2125;--fake:#ff8a7a;--real:#5fd39a;--unsure:#e3b341;--curve:#91a7ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 3rem}
h1{font-size:1rem;font-weight:600;color:var(--soft);margin:0 0 1.5rem}
h2{font-size:1.05rem;margin:2.25rem 0 .75rem}
p{margin:.4rem 0}
.verdict{display:flex;gap:2rem;align-items:center;flex-wrap:wrap}
.verdict>div:first-child{flex:1 1 22rem}
.title{font-size:2rem;font-weight:700;line-height:1.2;margin:0 0 .25rem}
.likely_fake .title{color:var(--fake)}.likely_real .title{color:var(--real)}.inconclusive .title,.not_analysed .title{color:var(--unsure)}
.risk{flex:0 0 15rem}
.risk b{font-size:2rem}
.bar{position:relative;height:.6rem;border-radius:.3rem;background:linear-gradient(90deg,var(--real) 0 var(--r),var(--unsure) var(--r) var(--f),var(--fake) var(--f));opacity:.9}
.bar i{position:absolute;top:-.3rem;width:.25rem;height:1.2rem;margin-left:-.125rem;background:var(--ink);border-radius:.1rem}
.small,small{color:var(--soft);font-size:.86rem}
ul{margin:.75rem 0;padding-left:1.2rem}
.note{border-left:.25rem solid var(--unsure);background:var(--card);padding:.6rem .9rem;margin:1rem 0;border-radius:0 .3rem .3rem 0}
.timeline{width:100%;height:auto;background:var(--card);border-radius:.4rem}
.timeline text{fill:var(--soft);font-size:12px}
.grid{stroke:var(--line)}.middle{stroke:var(--soft);stroke-dasharray:4 4}
.curve{fill:none;stroke:var(--curve);stroke-width:2;stroke-linejoin:round}
.hatch{stroke:var(--soft);stroke-width:1}
.high{fill:var(--fake)}.low{fill:var(--real)}.whole{fill:var(--card);stroke:var(--soft);stroke-width:2}
.faces{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:1rem}
figure{margin:0}
figure img{width:100%;aspect-ratio:1;object-fit:cover;border-radius:.4rem;display:block;background:var(--card)}
figcaption{font-size:.86rem;margin-top:.3rem}
dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;margin:0;border-top:1px solid var(--line)}
dt,dd{margin:0;padding:.35rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
dt{color:var(--soft);padding-right:1rem}
@media (max-width:34rem){dl{grid-template-columns:1fr}dt{border-bottom:0;padding-bottom:0}}
@media print{main{max-width:none;padding:0}h2{break-after:avoid}figure,.timeline{break-inside:avoid}}
`);
