// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// `amptill price` and `amptill lint` as processes: output, exit status, one line on standard error (tariffs.md §8).
@Suite("The tariff command line")
struct PriceCommandLineTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let examples = root.appending(path: "Examples/tariffs")

    /// A folder that is gone when the test ends.
    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        // What cannot be removed from a temporary folder is no failure of the test.
        deinit { try? FileManager.default.removeItem(at: url) }

        func file(_ name: String, _ text: String) throws -> String {
            let file = url.appending(path: name)
            try Data(text.utf8).write(to: file)
            return file.path()
        }
    }

    private static func vectors() throws -> [JSON] {
        let folder = root.appending(path: "Tests/TariffsTests/Fixtures/vectors")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
            .filter { $0.hasSuffix(".json") }
            .map { try JSON.parse([UInt8](try Data(contentsOf: folder.appending(path: $0)))) }
    }

    @Test("every vector is priced by --batch, in order, exactly", .timeLimit(.minutes(1)))
    func batch() async throws {
        let vectors = try Self.vectors()
        let folder = try Folder()
        let lines = vectors.map { vector in
            JSON.present(["id": vector["id"], "tariff": vector["tariff"], "session": vector["session"]])
                .text()
        }
        let path = try folder.file("batch.jsonl", lines.joined(separator: "\n"))

        let (status, output, errors) = try await ServerProcess.run(["price", "--batch", path])

        #expect(status == 0, "\(errors)")
        let answers = try output.split(separator: "\n").map { try JSON.parse(String($0)) }
        #expect(vectors.count == 45)
        #expect(answers.map { $0["id"] } == vectors.map { $0["id"] })
        for (vector, answer) in zip(vectors, answers) {
            for key in ["before_tax", "after_tax"] {
                let expected = try #require(vector["expected"]?[key]?.string)
                let exact = try #require(answer["exact"]?[key]?.string)
                #expect(
                    Self.isSame(exact, expected), "\(vector["id"] ?? .null) \(key): \(exact), not \(expected)"
                )
            }
        }
    }

    /// Whether a decimal text of the answer is an expected decimal or fraction, to twelve decimals.
    private static func isSame(_ exact: String, _ expected: String) -> Bool {
        let parts = expected.split(separator: "/")
        guard let value = JSON.number(exact).fixedPoint(scale: 12) else { return false }
        guard parts.count == 2, let numerator = Int128(parts[0]), let denominator = Int128(parts[1]) else {
            return JSON.number(expected).fixedPoint(scale: 12) == value
        }
        let difference = value * denominator - numerator * 1_000_000_000_000
        return difference.magnitude * 2 <= denominator.magnitude
    }

    @Test(
        "a batch with a bad line answers every line and ends with 1; no file ends with 2",
        .timeLimit(.minutes(1)))
    func badLines() async throws {
        let folder = try Folder()
        let vector = try #require(try Self.vectors().first)
        let good = JSON.present(["id": 1, "tariff": vector["tariff"], "session": vector["session"]]).text()
        let path = try folder.file("b.jsonl", "\(good)\nnonsense\n\n{\"id\": 2}\n\(good)")

        let (status, output, errors) = try await ServerProcess.run(["price", "--batch", path])
        let missing = try await ServerProcess.run(["price", "--batch", "/nowhere/at/all"])

        #expect(status == 1)
        #expect(errors.isEmpty)
        let answers = try output.split(separator: "\n").map { try JSON.parse(String($0)) }
        #expect(answers.map { $0["id"] } == [1, .null, 2, 1])
        #expect(answers[1]["line"] == 2)
        #expect(answers[1]["error"]?["code"] == "json_invalid")
        #expect(answers[2]["error"]?["path"] == "/tariff")
        #expect(missing.status == 2)
        #expect(missing.errors.split(separator: "\n").count == 1)
    }

    @Test("a bill is JSON, or a table with its timeline", .timeLimit(.minutes(1)))
    func formats() async throws {
        let folder = Self.examples.appending(path: "idle-grace-and-cap").path()
        let files = ["--tariff", folder + "/tariff.json", "--session", folder + "/session.json"]

        let json = try await ServerProcess.run(["price"] + files)
        let text = try await ServerProcess.run(["price"] + files + ["--format", "text", "--explain"])
        let explained = try await ServerProcess.run(["price"] + files + ["--explain"])

        #expect(json.status == 0)
        #expect(try JSON.parse(json.output)["total"]?["after_tax"] == 2350)
        #expect(try JSON.parse(json.output)["segments"] == nil)
        let kept = try String(contentsOfFile: folder + "/bill.txt", encoding: .utf8)
        #expect(text.output == kept)
        #expect(!text.output.contains("\u{1B}"))
        #expect(try JSON.parse(explained.output)["segments"]?.array?.count == 3)
    }

    @Test("what cannot be priced ends with 2 and one line: file, place, problem", .timeLimit(.minutes(1)))
    func refusals() async throws {
        let folder = try Folder()
        let session = Self.examples.appending(path: "idle-grace-and-cap/session.json").path()
        let bad = try folder.file(
            "bad.json",
            #"{"currency": "EUR", "elements": [{"price_components": [{"type": "A\nB", "price": 1}]}]}"#)
        let cases: [([String], String)] = [
            (["--tariff", bad, "--session", session], "\(bad): /elements/0/price_components/0/type: "),
            (["--tariff", "/nowhere", "--session", session], "/nowhere: the file cannot be read"),
            (["--cdr", bad], "\(bad): /start_date_time: "),
            (["--tariff", bad], "give --tariff and --session"),
            (["--tariff", session, "--session", session], "\(session): /currency: "),
        ]
        for (arguments, expected) in cases {
            let (status, output, errors) = try await ServerProcess.run(["price"] + arguments)
            #expect(status == 2)
            #expect(output.isEmpty)
            #expect(errors.split(separator: "\n").count == 1, "\(errors)")
            #expect(errors.contains(expected), "\(errors)")
        }
    }

    @Test("a CDR is verified with exit status 0, whatever its totals", .timeLimit(.minutes(1)))
    func cdr() async throws {
        let folder = try Folder()
        let tariff = Self.examples.appending(path: "uk-pence-per-kwh/tariff.json").path()
        let path = try folder.file(
            "cdr.json",
            #"{"id": "C1", "currency": "GBP", "start_date_time": "2026-03-02T18:00:00Z", "end_date_time":"#
                + #" "2026-03-02T18:30:00Z", "charging_periods": [{"start_date_time": "2026-03-02T18:00:00Z","#
                + #" "dimensions": [{"type": "ENERGY", "volume": 10}]}], "total_cost": {"before_taxes": 6.58,"#
                + #" "after_taxes": 99}}"#)

        let json = try await ServerProcess.run(["price", "--cdr", path, "--tariff", tariff])
        let text = try await ServerProcess.run([
            "price", "--cdr", path, "--tariff", tariff, "--format", "text",
        ])

        #expect(json.status == 0, "\(json.errors)")
        let checks = try JSON.parse(json.output)["cdr"]?["checks"]
        #expect(checks?[0]?["verdict"] == "match")
        #expect(checks?[1]?["verdict"] == "differs")
        #expect(text.status == 0)
        #expect(text.output.contains("total_cost.after_taxes"))
    }

    @Test("lint ends with 0 without errors, 1 with errors, 2 for what is no JSON", .timeLimit(.minutes(1)))
    func lint() async throws {
        let folder = try Folder()
        let good = Self.examples.appending(path: "afir-50-kw/tariff.json").path()
        let negative = try folder.file(
            "n.json",
            #"{"currency": "EUR", "elements": [{"price_components": [{"type": "ENERGY", "price": -1}]}]}"#)
        let garbage = try folder.file("g.json", "{")

        let clean = try await ServerProcess.run([
            "lint", good, "--time-zone", "Europe/Berlin", "--power-kw", "150",
        ])
        let errors = try await ServerProcess.run(["lint", negative])
        let unreadable = try await ServerProcess.run(["lint", garbage])
        let missing = try await ServerProcess.run(["lint", "/nowhere"])

        #expect(clean.status == 0)
        #expect(try JSON.parse(clean.output).array != nil)
        #expect(errors.status == 1)
        #expect(try JSON.parse(errors.output)[0]?["code"] == "negative_price")
        #expect(unreadable.status == 2)
        #expect(missing.status == 2)
        #expect(missing.errors.split(separator: "\n").count == 1)
    }

    @Test("a browser sees the price box follow what is typed", .withPeers, .timeLimit(.minutes(2)))
    func editor() async throws {
        let python = try #require(ChargerProcess.python, "AMPTILL_PYTHON is not set; run make test")
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address)
        let folder = try Folder()
        let result = try await ServerProcess.runTool(
            python,
            [
                Self.root.appending(path: "Tests/Browser/tariff_editor.py").path(), server.url.absoluteString,
                ServerProcess.operatorKey, folder.url.path(),
            ])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        await server.stop()
    }
}
