package report

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"
)

// Markdown writes the document for a repository or an issue. Figures are referred to as the SVG
// files that Plots writes into imageDir; they are left out where imageDir is empty.
func (d *Document) Markdown(w io.Writer, imageDir string) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# %s\n\n", escape(d.Title))
	for _, warning := range d.Warnings {
		fmt.Fprintf(&out, "> **%s**\n>\n", escape(warning))
	}
	if len(d.Warnings) > 0 {
		out.Truncate(out.Len() - len(">\n"))
		out.WriteByte('\n')
	}
	for _, v := range d.Verdicts {
		fmt.Fprintf(&out, "- %s: **%s** – %s\n", escape(v.Aspect), escape(v.Answer), escape(v.Text))
	}
	out.WriteByte('\n')
	for i, sentence := range d.Answer {
		if i > 0 {
			out.WriteByte(' ')
		}
		for _, span := range sentence {
			text := escape(span.Text)
			if span.Role == AboutPick || span.Role == AboutBase || span.Role == AsTrouble {
				text = "**" + text + "**"
			}
			out.WriteString(text)
		}
	}
	out.WriteString("\n\n")
	for _, note := range d.AnswerNotes {
		fmt.Fprintf(&out, "%s\n", escape(note))
	}
	out.WriteByte('\n')
	if d.Asked != nil {
		fmt.Fprintf(&out, "**%s**\n\n", escape(d.Asked.Caption))
		markdownTable(&out, *d.Asked)
	}
	if d.AnswerTable != nil {
		markdownTable(&out, *d.AnswerTable)
	}
	for _, p := range d.Pastes {
		fmt.Fprintf(&out, "%s\n\n", escape(p.Heading))
		for _, line := range p.Lines { // indented code: no fence that a value could close
			fmt.Fprintf(&out, "    %s\n", printable(line))
		}
		out.WriteByte('\n')
	}
	for _, s := range d.Sections {
		if s.Table != nil && s.Table.ID == "trials" {
			continue // the CSV file has them
		}
		if s.Table == nil && s.Figure != nil && imageDir == "" {
			continue
		}
		fmt.Fprintf(&out, "## %s\n\n", escape(s.Heading))
		for _, text := range append(nonEmpty([]string{s.See}), s.Notes...) {
			fmt.Fprintf(&out, "%s\n", escape(text))
		}
		out.WriteByte('\n')
		if s.Figure != nil {
			h := s.Figure.Caption()
			fmt.Fprintf(&out, "![%s](%s)\n\n", escape(strings.TrimSuffix(h.Title+": "+h.Description, ": ")), path.Join(imageDir, h.Name+".svg"))
		}
		if s.Table != nil {
			markdownTable(&out, *s.Table)
		}
	}
	if len(d.Runs) == 0 { // nothing was measured
		_, err := out.WriteTo(w)
		return err
	}
	out.WriteString("## How it was measured\n\n")
	for _, f := range d.Facts {
		fmt.Fprintf(&out, "- %s: %s\n", escape(f.Name), escape(f.Text))
	}
	fmt.Fprintf(&out, "\nMade by kaliper from the journals of %s.\n", escape(enumerate(d.Runs, "and")))
	_, err := out.WriteTo(w)
	return err
}

func markdownTable(out *bytes.Buffer, t Table) {
	for _, c := range t.Columns {
		fmt.Fprintf(out, "| %s ", escape(heading(c)))
	}
	out.WriteString("|\n")
	for _, c := range t.Columns {
		if c.Text {
			out.WriteString("|:--")
		} else {
			out.WriteString("|--:")
		}
	}
	out.WriteString("|\n")
	for _, row := range t.Rows {
		for _, cell := range row.Cells {
			fmt.Fprintf(out, "| %s ", escape(cellText(cell)))
		}
		out.WriteString("|\n")
	}
	if t.hasFew() {
		fmt.Fprintf(out, "\n%s\n", escape(fewNote))
	}
	out.WriteByte('\n')
}

// escape makes a text stand for itself in Markdown, within one line.
func escape(text string) string {
	var out strings.Builder
	for _, r := range printable(text) {
		switch r {
		case '\\', '`', '*', '_', '[', ']', '|', '#', '~', '!', '$', '@':
			out.WriteByte('\\')
			out.WriteRune(r)
		case '<':
			out.WriteString("&lt;")
		case '>':
			out.WriteString("&gt;")
		case '&':
			out.WriteString("&amp;")
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
