/** Of the page that is printed: A4, system fonts, no picture from anywhere. */
export const reportStyle = `
@page{size:A4}
*{box-sizing:border-box;-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{margin:0;font:10pt/1.45 "Inter","Segoe UI","Helvetica Neue","DejaVu Sans",Arial,sans-serif;color:#17202a}
header{background:#0b4f3f;color:#fff;border-radius:10px;padding:26px 30px 28px}
header p{margin:0}.brand{font-weight:700;letter-spacing:.02em;color:#8fe0c4}
.kind{margin-top:26px!important;text-transform:uppercase;letter-spacing:.12em;font-size:8pt;color:#c8eadf}
h1{margin:4px 0 6px;font-size:23pt;line-height:1.15;overflow-wrap:anywhere}.tenant{color:#c8eadf}
dl{display:grid;grid-template-columns:repeat(3,1fr);gap:10px 22px;margin:20px 4px 0}
dt{font-size:8pt;color:#66707c}dd{margin:0;font-weight:600;overflow-wrap:anywhere}
h2{font-size:12.5pt;margin:26px 0 10px;break-after:avoid}
.cards{display:grid;grid-template-columns:repeat(4,1fr);gap:10px}
.card{border:1px solid #e2e6ea;border-left:4px solid #aab3bd;border-radius:8px;padding:9px 12px;break-inside:avoid}
.card b{display:block;font-size:17pt;line-height:1.2}.card span{color:#4a5560}.card i{float:right;font-style:normal;color:#66707c}
.card.total{border-left-color:#17202a}.card.sent,.card.completed{border-left-color:#0b7a5b}.card.delivered,.card.read{border-left-color:#2f80c3}
.card.failed{border-left-color:#c0392b}.card.unknown{border-left-color:#d08c1d}
.bar{display:flex;height:14px;border-radius:7px;overflow:hidden;background:#e9edf0;margin-top:14px}
.bar .sent,.bar .completed{background:#0b7a5b}.bar .failed{background:#c0392b}.bar .unknown{background:#d08c1d}.bar .skipped{background:#8b96a1}.bar .cancelled{background:#b8c0c8}
section{break-inside:avoid}.bars{width:100%;border-collapse:collapse}.bars td{padding:4px 0}.bars td:first-child{width:34%}
.track span{display:block;height:9px;border-radius:5px;background:#2f80c3;min-width:2px}.n{text-align:right;width:14%;font-variant-numeric:tabular-nums}
.cut{color:#66707c;margin:0 0 8px}
.rows{width:100%;border-collapse:collapse;font-size:8.5pt}.rows thead{display:table-header-group}
.rows th{text-align:left;color:#66707c;font-weight:600;border-bottom:1.5px solid #17202a;padding:5px 6px}
.rows td{border-bottom:1px solid #e9edf0;padding:4px 6px;vertical-align:top;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.rows tr{break-inside:avoid}.rows tbody tr:nth-child(even){background:#f7f9fa}
.state{padding:1px 7px;border-radius:8px;background:#e9edf0;white-space:nowrap}
.state.sent,.state.delivered,.state.read,.state.completed{background:#d9f1e8;color:#0b4f3f}.state.failed{background:#f9dedb;color:#8c2318}.state.unknown{background:#fbecd2;color:#7a4d05}
`;
