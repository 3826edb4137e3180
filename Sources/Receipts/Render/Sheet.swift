// SPDX-License-Identifier: Apache-2.0

import CCairo

/// The page that is being filled, from top to bottom; begins another when it is full. Lengths are Pango units.
struct Sheet {
    /// 1/72 inch.
    static let point: Int32 = 1024
    /// A4 is 210 × 297 mm, 595.276 × 841.890 points.
    static let width: Int32 = 609_563
    static let height: Int32 = 862_095
    static let margin = 48 * point
    static let inner = width - 2 * margin
    /// The side of the QR code with its quiet zone.
    private static let codeSide = 96 * point

    /// How a text looks.
    struct Style {
        var size: Int32
        var isBold = false
        var grey: Int32 = 0
        var alignment = PANGO_ALIGN_LEFT

        static let title = Style(size: 15 * point, isBold: true)
        static let heading = Style(size: 10 * point, isBold: true)
        static let body = Style(size: 9 * point)
        static let label = Style(size: 9 * point, grey: 35)
        static let note = Style(size: 7 * point + point / 2, grey: 35)
        static let grand = Style(size: 11 * point, isBold: true)

        func right() -> Style {
            var copy = self
            copy.alignment = PANGO_ALIGN_RIGHT
            return copy
        }
    }

    private let context: OpaquePointer
    private var y = Sheet.margin

    init(_ context: OpaquePointer) { self.context = context }

    /// Draws everything in the order in which it is read.
    mutating func draw(_ document: Document, _ code: QRCode?) {
        tagged("Document") { sheet in
            sheet.header(document, code)
            for section in document.sections { sheet.section(section) }
            sheet.table(document)
            for section in document.closing { sheet.section(section) }
            sheet.space(8)
            if let help = document.help { sheet.paragraph(help, .body) }
            if let link = document.link { sheet.paragraph("\(document.linkLabel) \(link)", .label) }
        }
        cairo_show_page(context)
    }

    /// Who sold, with the code in the corner beside it.
    private mutating func header(_ document: Document, _ code: QRCode?) {
        let top = y
        let width = Self.inner - (code == nil ? 0 : Self.codeSide)
        paragraph(document.title, .title, tag: "H1", width: width)
        paragraph(document.seller, .heading, width: width)
        for line in document.sellerLines { paragraph(line, .label, width: width) }
        guard let code else { return }
        draw(code, x: Self.margin + width, y: top)
        y = max(y, top + Self.codeSide)
    }

    private mutating func section(_ section: Document.Section) {
        let labels = Self.inner / 3
        space(8)
        keepTogether(42)
        paragraph(section.title, .heading, tag: "H2")
        for field in section.fields {
            row(
                tag: "P",
                [
                    Cell(text: field.label, x: 0, width: labels, style: .label),
                    Cell(text: field.value, x: labels, width: Self.inner - labels, style: .body),
                ])
        }
    }

    private mutating func table(_ document: Document) {
        space(14)
        keepTogether(60)
        tagged("Table") { sheet in
            sheet.tableRow(document.columns, style: .label, tag: "TH")
            sheet.rule()
            for line in document.rows {
                sheet.keepTogether(36)
                sheet.tableRow(
                    [line.what, line.quantity, line.unitPrice, line.amount], notes: line.notes, style: .body,
                    tag: "TD")
            }
            sheet.rule()
            for total in document.totals {
                sheet.tableRow(
                    [total.label, "", "", total.amount], style: total.isGrand ? .grand : .body, tag: "TD",
                    isTotal: true)
            }
        }
    }

    private mutating func tableRow(
        _ texts: [String], notes: [String] = [], style: Style, tag: String, isTotal: Bool = false
    ) {
        let numbers = Self.inner * 2 / 11
        let first = Self.inner - (isTotal ? numbers + numbers / 2 : 3 * numbers)
        tagged("TR") { sheet in
            var cells = [Cell(text: texts[0], x: 0, width: first - 6 * Self.point, style: style)]
            let right = isTotal ? [texts[3]] : Array(texts.dropFirst())
            let width = (Self.inner - first) / Int32(right.count)
            for (index, text) in right.enumerated() where !text.isEmpty {
                cells.append(
                    Cell(text: text, x: first + Int32(index) * width, width: width, style: style.right()))
            }
            sheet.row(tag: tag, cells)
            for note in notes {
                sheet.row(
                    tag: "P",
                    [Cell(text: note, x: 0, width: Self.inner - numbers, style: .note)])
            }
            sheet.space(3)
        }
    }

    private mutating func draw(_ code: QRCode, x: Int32, y: Int32) {
        tagged("Figure") { sheet in
            amptill_set_grey(sheet.context, 0)
            let module = Self.codeSide / Int32(code.viewBoxSide)
            let quiet = module * Int32(QRCode.quietZone)
            for run in code.runs {
                amptill_rectangle(
                    sheet.context, x + quiet + Int32(run.column) * module,
                    y + quiet + Int32(run.row) * module, Int32(run.length) * module, module)
            }
            cairo_fill(sheet.context)
        }
    }

    private mutating func paragraph(
        _ text: String, _ style: Style, tag: String = "P", width: Int32 = Sheet.inner
    ) {
        row(tag: tag, [Cell(text: text, x: 0, width: width, style: style)])
    }

    /// A text in a place of a row; `x` counts from the margin.
    private struct Cell {
        var text: String
        var x: Int32
        var width: Int32
        var style: Style
    }

    /// Draws texts beside each other and goes below the tallest.
    private mutating func row(tag: String, _ cells: [Cell]) {
        let layouts = cells.map { layout($0) }
        defer { for layout in layouts { g_object_unref(UnsafeMutableRawPointer(layout)) } }
        let tallest = layouts.map { Self.height(of: $0) }.max() ?? 0
        breakPage(before: tallest)
        for (cell, layout) in zip(cells, layouts) {
            tagged(tag) { sheet in
                amptill_set_grey(sheet.context, cell.style.grey)
                amptill_move_to(sheet.context, Self.margin + cell.x, sheet.y)
                pango_cairo_show_layout(sheet.context, layout)
            }
        }
        y += tallest + Self.point
    }

    private func layout(_ cell: Cell) -> OpaquePointer? {
        let layout = pango_cairo_create_layout(context)
        let font = pango_font_description_new()
        defer { pango_font_description_free(font) }
        pango_font_description_set_family(font, "DejaVu Sans, Noto Sans, sans-serif")
        pango_font_description_set_size(font, cell.style.size)
        pango_font_description_set_weight(
            font, cell.style.isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        pango_layout_set_font_description(layout, font)
        pango_layout_set_width(layout, cell.width)
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        pango_layout_set_alignment(layout, cell.style.alignment)
        pango_layout_set_text(layout, cell.text, -1)
        return layout
    }

    private static func height(of layout: OpaquePointer?) -> Int32 {
        var height: Int32 = 0
        pango_layout_get_size(layout, nil, &height)
        return height
    }

    /// A thin line from margin to margin.
    private mutating func rule() {
        amptill_set_grey(context, 75)
        amptill_rectangle(context, Self.margin, y + 2 * Self.point, Self.inner, Self.point / 2)
        cairo_fill(context)
        y += 5 * Self.point
    }

    private mutating func space(_ points: Int32) { y += points * Self.point }

    /// Begins a page unless so many points are left on this one.
    private mutating func keepTogether(_ points: Int32) { breakPage(before: points * Self.point) }

    private mutating func breakPage(before height: Int32) {
        guard y + height > Self.height - Self.margin, y > Self.margin else { return }
        cairo_show_page(context)
        y = Self.margin
    }

    /// Says what a part is, for those who cannot see it (PDF structure tags).
    private mutating func tagged(_ tag: String, _ draw: (inout Sheet) -> Void) {
        cairo_tag_begin(context, tag, "")
        draw(&self)
        cairo_tag_end(context, tag)
    }
}
