// Package plot draws the figures of a report with gonum.org/v1/plot; it is the only importer of
// that library. It decides how a figure looks: where labels go, which ticks are named, what is
// washed or pinned. It refuses to decide what a figure shows: points, names, intervals and
// sentences come ready from package report, and every value is already in the unit of its axis.
//
// A figure is drawn in four steps:
//
//  1. The figure's layout divides its width into the panels, the axis labels and the gutter of
//     direct labels.
//  2. Every panel is one gonum plot whose own axes are hidden; the frame plotter draws hairlines
//     and names ticks at fixed margins, so that panels above each other share their x axis.
//  3. Labels are placed greedily around what they name, the important first.
//  4. The canvas writes itself: as SVG whose colours are the page's custom properties, as an SVG
//     file that stands alone, or as PNG.
//
// Text is never shrunk: a page shows a figure of WideWidth units, or one of NarrowWidth units
// drawn anew on a phone.
package plot
