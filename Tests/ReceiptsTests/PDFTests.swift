// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantities
import Receipts
import Synchronization
import Tariffs
import Testing

@Suite("A receipt as PDF")
struct PDFTests {
    /// A tool of poppler-utils, if it is installed.
    private static func tool(_ name: String) -> String? {
        ["/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"].map { $0 + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// What a tool says of a file. It is heard on a thread of its own: those that all tests share are few.
    private static func run(_ tool: String, _ arguments: [String], on bytes: [UInt8]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try wait(for: tool, arguments, on: bytes) })
            }
        }
    }

    /// Held while a pipe is made and a tool is started: another that starts meanwhile would inherit the pipe.
    private static let starting = Mutex(())

    private static func wait(for tool: String, _ arguments: [String], on bytes: [UInt8]) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "receipt-\(UUID().uuidString).pdf")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }  // a file left over harms nobody
        let process = Process()
        process.executableURL = URL(filePath: tool)
        process.arguments = arguments.map { $0 == "FILE" ? file.path() : $0 }
        let output = try starting.withLock { _ in
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            return output
        }
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self)
    }

    private static func words(_ text: String) -> [String] {
        text.split { $0.isWhitespace }.map(String.init)
    }

    @Test("the same document gives the same bytes")
    func reproducible() throws {
        let document = try Documents.phases.document()
        let first = try PDF.bytes(of: document)

        #expect(first.starts(with: Array("%PDF-1.".utf8)))
        #expect(try PDF.bytes(of: document) == first)
    }

    @Test(
        "everything that the text says can be read out of the PDF",
        .enabled(if: tool("pdftotext") != nil), .timeLimit(.minutes(1)), arguments: Documents.allCases)
    func readable(kept: Documents) async throws {
        let document = try kept.document()
        let tool = try #require(Self.tool("pdftotext"))

        // A long cell goes on in the next line, so blanks say nothing.
        let read = Self.words(try await Self.run(tool, ["FILE", "-"], on: PDF.bytes(of: document))).joined()

        let lines = document.rows.flatMap { [$0.what, $0.quantity, $0.unitPrice, $0.amount] + $0.notes }
        let fields = (document.sections + document.closing).flatMap { section in
            [section.title] + section.fields.flatMap { [$0.label, $0.value] }
        }
        let totals = document.totals.flatMap { [$0.label, $0.amount] }
        let said = [document.title, document.seller] + document.sellerLines + lines + fields + totals
        for word in said.flatMap(Self.words) { #expect(read.contains(word), "\(word)") }
    }

    @Test(
        "it is A4, dated by its issue, titled and tagged", .enabled(if: tool("pdfinfo") != nil),
        .timeLimit(.minutes(1)))
    func properties() async throws {
        let bytes = try PDF.bytes(of: try Documents.plain.document())
        let tool = try #require(Self.tool("pdfinfo"))

        let facts = try await Self.run(tool, ["-isodates", "FILE"], on: bytes)
        let structure = try await Self.run(tool, ["-struct", "FILE"], on: bytes)

        #expect(facts.contains("(A4)"))
        #expect(facts.contains("CreationDate:    2026-03-02T10:40:00Z"))
        #expect(facts.contains("Title:           Receipt R-2026-000123"))
        #expect(facts.contains("Tagged:          yes"))
        #expect(facts.contains("Pages:           1"))
        for tag in ["H1", "H2", "Table", "TR", "TH", "TD", "Figure"] { #expect(structure.contains(tag)) }
    }

    @Test(
        "fonts are embedded and their text can be copied", .enabled(if: tool("pdffonts") != nil),
        .timeLimit(.minutes(1)))
    func fonts() async throws {
        let tool = try #require(Self.tool("pdffonts"))

        let table = try await Self.run(tool, ["FILE"], on: PDF.bytes(of: try Documents.phases.document()))

        let fonts = table.split(separator: "\n").dropFirst(2)
        #expect(!fonts.isEmpty)
        for font in fonts { #expect(font.contains(" yes yes yes "), "embedded, subset, with text: \(font)") }
    }

    @Test(
        "many lines go on to further pages, and nothing is lost", .enabled(if: tool("pdftotext") != nil),
        .timeLimit(.minutes(1)))
    func pages() async throws {
        var bench = ReceiptBench()
        bench.components = []
        let dimensions = (0..<60).map { index -> TariffElement in
            let price = Rate(billionths: 490_000_000 + Int64(index) * 10_000_000)
            var upTo = Restriction()
            upTo.maxEnergy = Energy(wattHours: 600 * (Int64(index) + 1))
            return TariffElement([PriceComponent(.energy, price, tax: ReceiptBench.vat)], when: upTo)
        }
        let rest = TariffElement([
            PriceComponent(.energy, Rate(billionths: 90_000_000), tax: ReceiptBench.vat)
        ])
        let tariff = try Tariff(id: "T", currency: .eur, taxMode: .included, elements: dimensions + [rest])
        let rated = try Rater().rate(bench.usage, under: tariff, in: .utc)
        let document = Document(
            try Receipt(rated, try bench.parts(for: rated)), in: .english, zone: .utc, link: Documents.link)
        let tool = try #require(Self.tool("pdftotext"))

        let text = try await Self.run(tool, ["-layout", "FILE", "-"], on: PDF.bytes(of: document))

        #expect(text.count { $0 == "\u{0C}" } >= 2)
        let read = Set(Self.words(text))
        for word in document.rows.flatMap(\.notes).flatMap(Self.words) {
            #expect(read.contains(word), "\(word)")
        }
    }

    @Test("a link too long for a code is refused")
    func longLink() throws {
        let link = "https://example.com/" + String(repeating: "x", count: 3000)
        let document = Document(try ReceiptBench().receipt(), in: .english, zone: .utc, link: link)

        #expect(throws: PDF.Trouble.linkTooLong) { try PDF.bytes(of: document) }
        #expect(throws: HTML.Trouble.linkTooLong) { try HTML.page(of: document, template: 1) }
    }
}

@Suite("QR codes")
struct QRCodeTests {
    @Test("a code has the size of its version and three finder patterns", arguments: [1, 20, 60, 200, 1000])
    func structure(length: Int) throws {
        let code = try QRCode(String(repeating: "a", count: length))

        #expect((code.size - 17).isMultiple(of: 4))
        #expect((21...177).contains(code.size))
        #expect(code.modules.count == code.size * code.size)
        for (row, column) in [(0, 0), (0, code.size - 7), (code.size - 7, 0)] {
            for y in 0..<7 {
                for x in 0..<7 {
                    let ring = max(abs(x - 3), abs(y - 3))
                    #expect(code[row + y, column + x] == (ring != 2))
                }
            }
        }
        // Row and column 6 alternate between the finders (timing patterns).
        for index in 8..<(code.size - 8) {
            #expect(code[6, index] == index.isMultiple(of: 2))
            #expect(code[index, 6] == index.isMultiple(of: 2))
        }
    }

    @Test("runs cover exactly the dark modules, and the outline has one piece for each run")
    func runs() throws {
        let code = try QRCode(Documents.link)
        var drawn = [Bool](repeating: false, count: code.modules.count)

        for run in code.runs {
            for column in run.column..<(run.column + run.length) {
                drawn[run.row * code.size + column] = true
            }
        }

        #expect(drawn == code.modules)
        #expect(code.svgPath.count { $0 == "M" } == code.runs.count)
        #expect(code.viewBoxSide == code.size + 8)
        #expect(!code[-1, 0] && !code[0, code.size])
    }

    @Test("the same text gives the same code, another text another")
    func repeatable() throws {
        #expect(try QRCode(Documents.link) == QRCode(Documents.link))
        #expect(try QRCode(Documents.link) != QRCode(Documents.link + "1"))
    }
}
