package report

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// chromium returns the browser, or skips: a machine without one tests the rest.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("KALIPER_REQUIRE_BROWSER") == "1" {
		t.Fatal("no chromium, and KALIPER_REQUIRE_BROWSER=1 asks for one: apt-get install chromium")
	}
	t.Skip("no chromium: apt-get install chromium")
	return ""
}

// probe runs after the page's own script: it sorts the table of cases by its third column,
// walks a chart with the arrow keys, and leaves what it saw in the document.
const probe = `<script>
var seen = [];
addEventListener('error', function (e) { seen.push('error: ' + e.message); });
addEventListener('load', function () {
  var table = document.querySelector('#table-cases'), column = 2;
  function values() { return [].map.call(table.tBodies[0].rows, function (r) { return +r.cells[column].dataset.v; }); }
  function rising(v) { return v.every(function (x, i) { return !i || v[i - 1] <= x; }); }
  var button = table.tHead.rows[0].cells[column].querySelector('button');
  button.click();
  seen.push('rising: ' + rising(values()));
  button.click();
  seen.push('falling: ' + rising(values().reverse()));
  var figure = document.querySelector('#percentiles figure');
  figure.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
  seen.push('tip: ' + document.getElementById('tip').textContent);
  document.getElementById('theme').click();
  seen.push('theme: ' + document.documentElement.dataset.theme);
  var front = document.querySelector('#front figure');
  front.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
  seen.push('point: ' + document.getElementById('tip').textContent);
  front.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}));
  seen.push('row: ' + (document.activeElement.id.indexOf('case-') === 0));
  var svg = [].find.call(front.querySelectorAll('svg'), function (s) { return s.getBoundingClientRect().width > 0; }), box = svg.getBoundingClientRect();
  front.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + box.width / 2, clientY: box.top + box.height / 2, bubbles: true}));
  seen.push('hover: ' + !document.getElementById('tip').hidden);
  var select = document.querySelector('.filters select');
  select.value = '1';
  select.dispatchEvent(new Event('change'));
  seen.push('filtered: ' + [].filter.call(table.tBodies[0].rows, function (r) { return !r.hidden; }).length);
  seen.push('copy: ' + document.querySelectorAll('.paste button').length);
  seen.push('requests: ' + performance.getEntriesByType('resource').length);
  seen.push('overflow: ' + (document.documentElement.scrollWidth > innerWidth));
  document.body.setAttribute('data-seen', seen.join(' | '));
});
</script>`

func TestThePageWorksInABrowser(t *testing.T) {
	browser := chromium(t)
	var page bytes.Buffer
	if err := document(t, "matrix").HTML(&page); err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	path := filepath.Join(directory, "report.html")
	html := strings.Replace(page.String(), "<head>", "<head>"+probe, 1)
	if err := os.WriteFile(path, []byte(html), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]string{"at a desk": "1440,1200", "on a phone": "500,900"} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			command := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
				"--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
				"--user-data-dir="+filepath.Join(directory, strings.ReplaceAll(name, " ", "-")), "--window-size="+size, "--dump-dom", "file://"+filepath.ToSlash(path))
			dom, err := command.Output()
			if err != nil {
				t.Fatalf("run %s: %v", browser, err)
			}
			_, rest, found := strings.Cut(string(dom), `data-seen="`)
			if !found {
				t.Fatal("the page's script did not come to its end")
			}
			seen, _, _ := strings.Cut(rest, `"`)
			for _, want := range []string{"rising: true", "falling: true", "tip: p50", "theme: light", "overflow: false", "point: ", "client CPU per record", "row: true", "hover: true", "filtered: 3", "copy: 3", "requests: 0"} {
				if !strings.Contains(seen, want) {
					t.Errorf("the browser did not see %q but %q", want, seen)
				}
			}
			if strings.Contains(seen, "error:") {
				t.Errorf("the page has an error: %s", seen)
			}
		})
	}
}
