package report

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TextOptions say how a terminal is.
type TextOptions struct {
	Color bool // whether to use colour; NO_COLOR is the caller's to respect
	Width int  // columns; 0 means 80
}

// Text writes the document for a terminal: warnings, the answer, what the scenario asks, one compact table. The figures
// and the details are left to the other renderers.
func (d *Document) Text(w io.Writer, options TextOptions) error {
	width := options.Width
	if width <= 0 {
		width = 80
	}
	t := &terminal{color: options.Color, width: max(width, 40)}
	t.paragraph(bold, d.Title)
	t.line("")
	for _, warning := range d.Warnings {
		for i, line := range wrap(printable(warning), t.width-2) {
			t.line(t.show(alarm, []string{"! ", "  "}[min(i, 1)]+line))
		}
	}
	if len(d.Warnings) > 0 {
		t.line("")
	}
	for _, v := range d.Verdicts {
		look := bold
		if !v.Good {
			look = alarm
		}
		t.item(v.Aspect, look, v.Answer, v.Text)
	}
	t.line("")
	var answer []string
	for _, sentence := range d.Answer {
		answer = append(answer, sentence.String())
	}
	t.paragraph(plain, strings.Join(answer, " "))
	t.line("")
	if d.Asked != nil {
		t.paragraph(bold, d.Asked.Caption)
		t.askedOf(*d.Asked)
		t.line("")
	}
	for _, table := range d.compactTables() {
		if incidents(table) || contradicts(table) {
			t.paragraph(bold, table.Caption)
		}
		t.table(table)
		t.line("")
	}
	for _, paste := range d.Pastes {
		t.paragraph(bold, "# "+paste.Heading)
		for _, line := range paste.Lines {
			t.line(printable(line))
		}
		t.line("")
	}
	for _, note := range d.AnswerNotes {
		t.paragraph(faint, note)
	}
	_, err := t.out.WriteTo(w)
	return err
}

// compactTables are the tables of a terminal and of Markdown: the one beside the answer, or the
// one of all cases; the settings that differ; what two sides differ in; and what went wrong.
func (d *Document) compactTables() []Table {
	var tables []Table
	many := false // cases, more than the table beside the answer has
	for _, s := range d.Sections {
		many = many || s.Table != nil && s.Table.ID == "cases" && len(s.Table.Rows) > 2
	}
	if d.AnswerTable != nil {
		tables = append(tables, *d.AnswerTable)
	}
	for _, s := range d.Sections {
		if s.Table != nil && (s.Table.ID == "settings" || s.Table.ID == contrastTable || strings.HasPrefix(s.Table.ID, searchCurveTable) || s.Table.ID == "influences" || s.Table.ID == "cases" && (d.AnswerTable == nil || many)) {
			tables = append(tables, *s.Table)
		}
		if s.Table != nil && (incidents(*s.Table) && len(s.Table.Rows) <= fewIncidents || contradicts(*s.Table)) {
			tables = append(tables, *s.Table)
		}
	}
	return tables
}

// look is how a terminal shows a text, as the parameters of its escape sequence.
type look string

const (
	plain look = ""
	bold  look = "1"
	faint look = "2"
	alarm look = "1;35"
)

type terminal struct {
	out   bytes.Buffer
	color bool
	width int
}

func (t *terminal) show(l look, text string) string {
	text = printable(text)
	if !t.color || l == plain || text == "" {
		return text
	}
	return "\x1b[" + string(l) + "m" + text + "\x1b[0m"
}

// printable takes control characters out of what a run directory says, so that it cannot send
// escape sequences to the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, text)
}

func (t *terminal) line(text string) { t.out.WriteString(strings.TrimRight(text, " ") + "\n") }

func (t *terminal) paragraph(l look, text string) {
	for _, line := range wrap(printable(text), t.width) {
		t.line(t.show(l, line))
	}
}

// item writes a name, an answer and why, the last wrapped beside them.
func (t *terminal) item(name string, l look, answer, why string) {
	const nameWidth, answerWidth = 14, 14
	head := pad(printable(name), nameWidth) + t.show(l, answer)
	room := answerWidth - utf8.RuneCountInString(printable(answer))
	lines := wrap(printable(why), t.width-nameWidth-answerWidth)
	for i, line := range lines {
		if i == 0 {
			t.line(head + strings.Repeat(" ", max(room, 2)) + line)
			continue
		}
		t.line(strings.Repeat(" ", nameWidth+answerWidth) + line)
	}
	if len(lines) == 0 {
		t.line(head)
	}
}

// table writes a table; columns that do not fit are dropped from the right, but for those in
// words that begin it, which say what a row is about, and the last, which is a verdict or a
// change, and is wrapped if it is in words.
func (t *terminal) table(table Table) {
	if t.tableWidth(table, keptColumns(len(table.Columns), len(table.Columns))) > t.width {
		table = withoutIntervals(table)
	}
	keep := len(table.Columns)
	for {
		columns := keptColumns(len(table.Columns), keep)
		if t.tableWidth(table, columns) <= t.width || keep <= leadingWords(table)+1 {
			t.rows(table, columns, columnWidths(table, columns))
			if hidden := len(table.Columns) - keep; hidden > 0 {
				t.paragraph(faint, capital(plural(hidden, "more column"))+" in a wider terminal, in CSV and in HTML.")
			}
			if table.hasFew() {
				t.paragraph(faint, fewNote)
			}
			return
		}
		keep--
	}
}

// leadingWords returns how many columns in words a table begins with, the last one apart; at
// least one, whatever it holds.
func leadingWords(table Table) int {
	n := 0
	for n < len(table.Columns)-1 && table.Columns[n].Text {
		n++
	}
	return max(n, 1)
}

// fewNote explains the asterisk.
const fewNote = "* fewer than 20 records beyond this percentile in a trial"

func (t Table) hasFew() bool {
	return slices.ContainsFunc(t.Rows, func(r Row) bool {
		return slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Few })
	})
}

// tableWidth returns the least width of a table; words in its last column can be wrapped.
func (t *terminal) tableWidth(table Table, columns []int) int {
	total := -2
	widths := columnWidths(table, columns)
	if last := len(columns) - 1; table.Columns[columns[last]].Text {
		widths[last] = min(widths[last], narrowestWords)
	}
	for _, w := range widths {
		total += w + 2
	}
	return total
}

// withoutIntervals is for terminals that are too narrow for them.
func withoutIntervals(table Table) Table {
	rows := make([]Row, len(table.Rows))
	for i, row := range table.Rows {
		rows[i] = row
		rows[i].Cells = slices.Clone(row.Cells)
		for k := range rows[i].Cells {
			rows[i].Cells[k].Interval = ""
		}
	}
	table.Rows = rows
	return table
}

// keptColumns returns the first keep-1 columns and the last.
func keptColumns(all, keep int) []int {
	var columns []int
	for i := range all {
		if i < keep-1 || i == all-1 {
			columns = append(columns, i)
		}
	}
	return columns
}

func columnWidths(table Table, columns []int) []int {
	widths := make([]int, len(columns))
	for k, i := range columns {
		widths[k] = utf8.RuneCountInString(heading(table.Columns[i]))
		for _, row := range table.Rows {
			widths[k] = max(widths[k], utf8.RuneCountInString(printable(cellText(row.Cells[i]))))
		}
	}
	return widths
}

func (t *terminal) rows(table Table, columns, widths []int) {
	last := len(columns) - 1
	before := 0 // the width of all columns but the last
	for _, w := range widths[:last] {
		before += w + 2
	}
	write := func(l look, text func(i int) string) {
		var line strings.Builder
		for k, i := range columns {
			cell := printable(text(i))
			if k > 0 {
				line.WriteString("  ")
			}
			if k == last && table.Columns[i].Text && before+widths[k] > t.width {
				lines := wrap(cell, max(t.width-before, narrowestWords))
				for n, part := range lines {
					if n > 0 {
						t.line(line.String())
						line.Reset()
						line.WriteString(strings.Repeat(" ", before))
					}
					line.WriteString(t.show(l, part))
				}
				continue
			}
			space := strings.Repeat(" ", widths[k]-utf8.RuneCountInString(cell))
			if table.Columns[i].Text {
				line.WriteString(t.show(l, cell) + space)
			} else {
				line.WriteString(space + t.show(l, cell))
			}
		}
		t.line(line.String())
	}
	write(faint, func(i int) string { return heading(table.Columns[i]) })
	for _, row := range table.Rows {
		write(plain, func(i int) string { return cellText(row.Cells[i]) })
	}
}

// narrowestWords is the least width that words are wrapped to, in characters.
const narrowestWords = 24

func heading(c Column) string {
	if c.Unit == "" {
		return printable(c.Name)
	}
	return printable(c.Name + ", " + c.Unit)
}

// cellText is a cell in one line: 14.7 ms (14.4–15.1).
func cellText(c Cell) string {
	text := c.Text
	if c.Unit == "%" {
		text += "%"
	} else if c.Unit != "" {
		text += noBreakSpace + c.Unit
	}
	if c.Few {
		text += "*"
	}
	if c.Interval != "" {
		text += " (" + c.Interval + ")"
	}
	return text
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(width-utf8.RuneCountInString(text), 1))
}

// wrap breaks a text into lines at spaces; no-break spaces hold.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
