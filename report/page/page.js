// What the page gains from a script: a theme switch, read-outs under the pointer and the arrow
// keys, sortable tables. Without it nothing is missing.
(function () {
  'use strict';
  var root = document.documentElement, tip = document.getElementById('tip');

  // Theme: auto, light, dark. Storage is refused to some local files.
  var themes = ['auto', 'light', 'dark'], button = document.getElementById('theme'), theme = 0;
  function setTheme(i) {
    theme = i;
    if (i) root.dataset.theme = themes[i]; else delete root.dataset.theme;
    button.textContent = 'Theme: ' + themes[i];
    try { localStorage.setItem('kaliper-theme', i); } catch (e) { /* private */ }
  }
  var stored = 0;
  try { stored = +localStorage.getItem('kaliper-theme') || 0; } catch (e) { /* private */ }
  setTheme(stored % 3);
  button.hidden = false;
  button.addEventListener('click', function () { setTheme((theme + 1) % 3); });

  // Our read-outs replace the browser's own tips, which a <title> would show.
  document.querySelectorAll('svg[aria-labelledby]').forEach(function (svg) {
    var title = svg.querySelector('title');
    svg.removeAttribute('aria-labelledby');
    svg.setAttribute('aria-label', title.textContent);
    title.remove();
  });

  function show(x, y, lines) {
    tip.textContent = '';
    lines.forEach(function (line, i) {
      var e = document.createElement(i ? 'div' : 'b');
      e.textContent = line;
      tip.appendChild(e);
    });
    tip.hidden = false;
    var left = Math.min(x + 14, scrollX + root.clientWidth - tip.offsetWidth - 6);
    tip.style.left = Math.max(scrollX + 6, left) + 'px';
    tip.style.top = y + 'px';
  }

  document.querySelectorAll('figure.figure').forEach(function (figure) {
    var data = figure.parentNode.querySelector('[data-samples]');
    var samples = data ? JSON.parse(data.textContent) : null;
    if (!samples || !samples.length) { figure.removeAttribute('tabindex'); return; }
    var current = -1;
    function shown() {
      return Array.prototype.find.call(figure.querySelectorAll('svg'), function (s) { return s.getBoundingClientRect().width > 0; });
    }
    function at(i) {
      current = Math.max(0, Math.min(samples.length - 1, i));
      var svg = shown(), d = svg.dataset, box = svg.getBoundingClientRect();
      var scale = box.width / svg.viewBox.baseVal.width, x = +d.left + samples[current].at * d.width;
      var cross = svg.querySelector('.cross');
      cross.setAttribute('transform', 'translate(' + x.toFixed(1) + ' 0)');
      cross.setAttribute('visibility', 'visible');
      show(box.left + scrollX + x * scale, box.top + scrollY + (+d.top + 8) * scale, samples[current].lines);
    }
    function off() {
      current = -1;
      tip.hidden = true;
      figure.querySelectorAll('.cross').forEach(function (c) { c.setAttribute('visibility', 'hidden'); });
    }
    figure.addEventListener('pointermove', function (e) {
      var svg = shown();
      if (!svg) return;
      var d = svg.dataset, box = svg.getBoundingClientRect();
      var share = ((e.clientX - box.left) * svg.viewBox.baseVal.width / box.width - d.left) / d.width;
      if (share < -0.01 || share > 1.01) { off(); return; }
      var best = 0;
      // Points are found by both coordinates, lines by x alone.
      var up = 1 - ((e.clientY - box.top) * svg.viewBox.baseVal.width / box.width - d.top) / (d.bottom - d.top);
      function far(s) { return Math.pow((s.at - share) * d.width, 2) + (s.up ? Math.pow((s.up - up) * (d.bottom - d.top), 2) : 0); }
      samples.forEach(function (s, i) { if (far(s) < far(samples[best])) best = i; });
      at(best);
    });
    function go() {
      var row = current >= 0 && samples[current].row && document.getElementById(samples[current].row);
      if (!row) return;
      row.hidden = false;
      row.scrollIntoView({block: 'center'});
      row.focus({preventScroll: true});
    }
    if (samples[0].row) { figure.classList.add('links'); figure.addEventListener('click', go); }
    figure.addEventListener('pointerleave', off);
    figure.addEventListener('blur', off);
    figure.addEventListener('keydown', function (e) {
      if (e.key === 'Escape') off();
      if (e.key === 'Enter') go();
      if (e.key !== 'ArrowRight' && e.key !== 'ArrowLeft') return;
      e.preventDefault();
      at(current < 0 ? 0 : current + (e.key === 'ArrowRight' ? 1 : -1));
    });
  });

  document.querySelectorAll('table.sorts').forEach(function (table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells), body = table.tBodies[0];
    heads.forEach(function (head, column) {
      var b = document.createElement('button');
      b.type = 'button';
      while (head.firstChild) b.appendChild(head.firstChild);
      head.appendChild(b);
      b.addEventListener('click', function () {
        var up = head.getAttribute('aria-sort') !== 'ascending';
        heads.forEach(function (h) { h.removeAttribute('aria-sort'); });
        head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        function key(row) { return row.cells[column].dataset.v; }
        Array.prototype.slice.call(body.rows).sort(function (p, q) {
          var a = key(p), b = key(q);
          if (a === '' || b === '') return (a === '') - (b === ''); // unknown last, either way
          return (up ? 1 : -1) * (a - b);
        }).forEach(function (row) { body.appendChild(row); });
      });
    });
  });

  // Filters: rows with one value of a setting.
  document.querySelectorAll('[data-filters]').forEach(function (bar) {
    var rows = Array.prototype.slice.call(bar.parentNode.querySelector('tbody').rows), count = document.createElement('span');
    var selects = JSON.parse(bar.dataset.filters).map(function (filter) {
      var label = document.createElement('label'), select = document.createElement('select');
      label.append(filter.Name + ' ', select);
      select.add(new Option('all', ''));
      filter.Values.forEach(function (value, i) { select.add(new Option(value, String(i))); });
      select.filter = filter;
      select.addEventListener('change', apply);
      bar.append(label);
      return select;
    });
    count.setAttribute('role', 'status');
    bar.append(count);
    function apply() {
      var left = 0;
      rows.forEach(function (row) {
        var kinds = JSON.parse(row.dataset.kinds);
        row.hidden = !selects.every(function (s, k) { return s.value === '' || s.filter.Values[+s.value] === kinds[k]; });
        left += !row.hidden;
      });
      count.textContent = left === rows.length ? '' : left + ' of ' + rows.length + ' cases';
    }
  });

  // Copying needs a secure page or, from a file, the old command.
  document.querySelectorAll('.paste').forEach(function (block) {
    var b = document.createElement('button'), pre = block.querySelector('pre');
    b.type = 'button';
    b.textContent = 'Copy';
    b.addEventListener('click', function () {
      function old() {
        var selection = getSelection();
        selection.selectAllChildren(pre);
        b.textContent = document.execCommand('copy') ? 'Copied' : 'Press Ctrl+C';
      }
      if (navigator.clipboard) navigator.clipboard.writeText(pre.textContent).then(function () { b.textContent = 'Copied'; }, old); else old();
    });
    block.querySelector('h3').append(b);
  });

  addEventListener('beforeprint', function () {
    document.querySelectorAll('details').forEach(function (d) { d.open = true; });
  });
  root.dataset.script = 'ready';
})();
