import { type Html, html } from "./html.ts";

/** What to do when nothing is monitored. */
export const WELCOME: Html = html`<section class="welcome">
<h2>Let it watch something</h2>
<p>Put an executable into a folder. It is healthy as long as it exits with 0, and what it prints is shown here.</p>
<pre>mkdir -p checks
cat &gt; checks/disk-has-room &lt;&lt;'END'
#!/bin/sh
used=$(df -P / | awk 'NR == 2 { print $5 + 0 }')
echo "$used % of / is used"
test "$used" -lt 90
END
chmod +x checks/disk-has-room</pre>
<p>Then name the folder in <code>monitors.yaml</code>. The change is picked up at once.</p>
<pre>sources:
  promises: { directory: ./checks }
sinks:
  web: {}</pre>
<p><code>lifeguard validate</code> says what is wrong with the file, by line; <code>lifeguard plugins</code> lists what else can be watched.</p>
</section>
`;
