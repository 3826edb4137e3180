// SPDX-License-Identifier: Apache-2.0

import Testing

/// Each rule is shown code that breaks it and code that does not: a rule that cannot fail guards nothing.
@Suite("The rules of the house find what they are for")
struct RuleTests {
    /// Code in a file, and the rules that it breaks.
    struct Sample: Sendable, CustomTestStringConvertible {
        let path: String
        let code: String
        let broken: [Rule]

        init(_ code: String, in path: String = "Sources/Tariffs/Sample.swift", breaks broken: Rule...) {
            self.path = path
            self.code = code
            self.broken = broken
        }

        var testDescription: String { "\(path): \(code.prefix(60))" }

        /// The rules that fail the build and are found broken here.
        func found(_ check: (SourceFile) -> [Finding]) -> [Rule] {
            Set(check(SourceFile(path: path, text: code)).map(\.rule)).sorted()
        }
    }

    @Test(
        "imports follow the arrows",
        arguments: [
            Sample("import Quantities\npackage import JSONText\nimport struct Digests.Digest"),
            Sample("import Payments", breaks: .t1),
            Sample("package import Storage", breaks: .t1),
            Sample("import struct Storage.Tx", breaks: .t1),
            Sample("import Foundation", breaks: .t2),
            Sample("#if canImport(Glibc)\nimport Glibc\n#endif", breaks: .t2),
            Sample("import Hummingbird", breaks: .t2),
            Sample("// import Payments\nlet text = \"import Payments\""),
            Sample("import Simulation", in: "Sources/Web/Page.swift", breaks: .t1),
            Sample("import Simulation", in: "Sources/App/Till.swift"),
            Sample("import Chargers", in: "Sources/Web/Page.swift", breaks: .t1),
            Sample("import Simulation", in: "Sources/Billing/A.swift", breaks: .t1),
            Sample("import NIOCore", in: "Sources/Billing/A.swift", breaks: .t2),
            Sample("import NIOCore", in: "Sources/Chargers/A.swift"),
            Sample("package import CSQLite", in: "Sources/Web/A.swift", breaks: .t2),
            Sample("@testable import Tariffs", in: "Tests/TariffsTests/RaterTests.swift", breaks: .t1),
            Sample("import CSQLite", in: "Sources/Storage/SQLite/SQLiteConnection.swift"),
            Sample("import CSQLite", in: "Sources/Storage/Store.swift", breaks: .t2),
            Sample("import CSQLite", in: "Tests/StorageTests/StoreTests.swift", breaks: .t2),
            Sample("import CZlib", in: "Sources/Chargers/Gate/Gate.swift", breaks: .t2),
        ])
    func imports(sample: Sample) { #expect(sample.found(Imports.check) == sample.broken) }

    @Test(
        "SQL, the environment and writing have their places",
        arguments: [
            Sample("let q = \"SELECT id FROM sessions\"", in: "Sources/Web/Page.swift", breaks: .t2),
            Sample(
                "let q = \"\"\"\n  UPDATE a\n  SET b = \\(c) WHERE d\n  \"\"\"",
                in: "Sources/Billing/A.swift",
                breaks: .t2
            ),
            Sample("let q = \"UPDATE a SET b = \\(c)\"", in: "Sources/Billing/A.swift", breaks: .t2),
            Sample("let q = \"SELECT 1\"", in: "Sources/Storage/Tx.swift"),
            Sample("// SELECT what you want", in: "Sources/Web/Page.swift"),
            Sample(
                "ProcessInfo.processInfo.environment[\"HOME\"]", in: "Sources/Web/Page.swift", breaks: .t2),
            Sample("getenv(\"HOME\")", in: "Sources/Storage/A.swift", breaks: .t2),
            Sample("ProcessInfo.processInfo.environment[\"HOME\"]", in: "Sources/App/Options.swift"),
            Sample("try await desk.store.transaction { tx in }", in: "Sources/Web/Page.swift", breaks: .t2),
            Sample("try await desk.store.read { tx in }", in: "Sources/Web/Page.swift"),
            Sample("try await store.transaction { tx in }", in: "Sources/Billing/A.swift"),
        ])
    func places(sample: Sample) { #expect(sample.found(Imports.check) == sample.broken) }

    @Test("each folder of Sources is in the table of arrows")
    func folders() {
        let known = Arrows.modules.map(\.name) + Arrows.systemLibraries.keys

        #expect(Imports.check(folders: known).isEmpty)
        #expect(Imports.check(folders: known + ["Helpers"]).map(\.rule) == [.t1])
        #expect(Imports.check(folders: known.filter { $0 != "Tariffs" }).map(\.rule) == [.t1])
    }

    @Test(
        "pure modules wait for nothing and say nothing",
        arguments: [
            Sample("func f() async { await g() }", breaks: .t3),
            Sample("func f() { print(\"hello\") }", breaks: .t3),
            Sample("func f() { Task { } }", breaks: .t3),
            Sample("let now = ContinuousClock.now", breaks: .t3),
            Sample("let id = UUID()", breaks: .t3),
            Sample("package actor Counter {}", breaks: .t3),
            Sample("let actor: String = bill.actor\nself.actor = actor\nlet a = 1"),
            Sample("let n = Int.random(in: 1...6)", breaks: .t3),
            Sample("let n = Int.random(in: 1...6, using: &generator)"),
            Sample("let n = list.shuffled()", breaks: .t3),
            Sample("let text = \"\\(await later())\"", breaks: .t3),
            Sample("// await\nlet text = \"await print() \\\"Task\\\"\""),
            Sample("let text = #\"await \"Task\" \\n\"#\nlet more = 1"),
            Sample("/* await /* Task */ await */ let x = 1"),
            Sample("let time = bill.time\nfunc print(_ x: Int) {}\ncase random"),
            Sample("func f() async { await g() }", in: "Sources/Billing/A.swift"),
            Sample("func f() async { await g() }", in: "Tests/TariffsTests/A.swift"),
        ])
    func purity(sample: Sample) { #expect(sample.found(Purity.check) == sample.broken) }

    @Test(
        "no floating point near money",
        arguments: [
            Sample("let price: Double = 1", breaks: .t8),
            Sample("let price = 0.49", breaks: .t8),
            Sample("let price = 1e3", breaks: .t8),
            Sample("let a = Decimal(string: text)", breaks: .t8),
            Sample("func f(at date: Date) {}", in: "Sources/Billing/A.swift", breaks: .t8),
            Sample("let a = pair.0.1\nlet b = 1...2\nlet c = 0xE1\nlet d = \"0.49 Double\""),
            Sample("/// A Double is not allowed, nor is 0.49.\nlet d = CivilDate()"),
            Sample("func f() { let speed = Double(1) / 2.5 }", in: "Sources/App/Bench.swift"),
            Sample("func f(_ speed: Double) {}", in: "Sources/App/Bench.swift", breaks: .t8),
            Sample("struct A {\n    let price: Double\n}", in: "Sources/Web/A.swift", breaks: .t8),
            Sample("private func f(_ speed: Double) {}", in: "Sources/App/Bench.swift"),
            Sample(
                "func decode(_ type: Double.Type) throws -> Double { throw noFloat() }",
                in: "Sources/Storage/A.swift"),
            Sample(
                "func decode(_ type: Double.Type) throws -> Double { 1 }", in: "Sources/Storage/A.swift",
                breaks: .t8),
        ])
    func floats(sample: Sample) { #expect(sample.found(Numbers.check) == sample.broken) }

    @Test(
        "money is multiplied, divided and rounded in one place",
        arguments: [
            Sample("let half = total.minorUnits / 2", breaks: .t9),
            Sample("let part = 3 * total.minorUnits", breaks: .t9),
            Sample("let part = Int128(total.minorUnits) * rate", breaks: .t9),
            Sample("let part = rate * Int128(bill.total.minorUnits)", breaks: .t9),
            Sample("let rest = total.minorUnits % 100", breaks: .t9),
            Sample("total.minorUnits /= 2", breaks: .t9),
            Sample("let part = total.minorUnits.quotientAndRemainder(dividingBy: 3)", breaks: .t9),
            Sample("let sum = a.minorUnits + b.minorUnits"),
            Sample("let sum = Money(minorUnits: sign * row, currency: c)"),
            Sample("let a = b * c, d = e.minorUnits"),
            Sample("let a = rate * x.minorUnits(of: currency)"),
            Sample("let half = total.minorUnits / 2", in: "Sources/Quantities/Money.swift"),
            Sample("func f(_ a: Int, rounding: Rounding = .halfUp) {}", breaks: .t9),
            Sample("func f(_ a: Int, rounding: Rounding, b: Int = 1) {}"),
        ])
    func money(sample: Sample) { #expect(sample.found(Numbers.check) == sample.broken) }

    @Test(
        "nothing is forced, nothing is promised without a reason",
        arguments: [
            Sample("let a = try! f()", breaks: .t11),
            Sample("let a = b as! C", breaks: .t11),
            Sample("let a = b!", breaks: .t11),
            Sample("let a = b!.c + d[0]!.e", breaks: .t11),
            Sample("let a = f()!", breaks: .t11),
            Sample("var a: Int!", breaks: .t11),
            Sample("let a = b != c && !d && (!e)"),
            Sample("let a = try? f()", breaks: .t11),
            Sample("let a = try? f()  // nothing is lost: the file may be missing"),
            Sample("// The file may be missing.\nlet a = try? f()"),
            Sample("let a = try? f()", in: "Tests/WebTests/A.swift"),
            Sample("let a = try! f()", in: "Tests/WebTests/A.swift", breaks: .t11),
            Sample("// exception(T11): a literal of ours.\nlet a = b!"),
            Sample("let a = \"b!\" // c!"),
            Sample("let words = \"try! harder!\"\nif a != b { c() }"),
            Sample("final class A: @unchecked Sendable {}", breaks: .t12),
            Sample("nonisolated(unsafe) var a = 1", breaks: .t12),
            Sample("// exception(T12): one lock guards it.\nfinal class A: @unchecked Sendable {}"),
            Sample("final class A: @unchecked Sendable {}  // exception(T12): one lock"),
            Sample("// A class.\nfinal class A: @unchecked Sendable {}", breaks: .t12),
        ])
    func unchecked(sample: Sample) { #expect(sample.found(Unchecked.check) == sample.broken) }

    @Test("a link that leads nowhere is found, in code and to other sites it is not looked for")
    func links() {
        let page = """
            [one](docs/one.md) and ![a picture](docs/two.png), [outside](https://example.org/x)
            ```
            [code](three.md)
            ```
            [four](four.md#part) [here](#part)
            """

        #expect(Links.links(page).map(\.target) == ["docs/one.md", "docs/two.png", "four.md#part", "#part"])
        #expect(Links.links(page).map(\.line) == [1, 1, 5, 5])
    }

    @Test("step names are read from the page and from the test")
    func steps() {
        let page =
            "1. **Frame.** A message\n   more\n2. **Money moves only in `Billing`**, inside\n10. **Page.** Rows"
        let test = SourceFile(
            path: "Tests/A.swift", text: "// Step 1: Frame\nlet a = 1\n        // Step 2: Session\n")

        #expect(ArchitectureTests.toldSteps(page) == ["Step 1: Frame", "Step 10: Page"])
        #expect(ArchitectureTests.walkedSteps(test) == ["Step 1: Frame", "Step 2: Session"])
    }

    @Test(
        "the report sees sizes, words and tests",
        arguments: [
            Sample("\(Self.head)func f() {\n\(String(repeating: "    g()\n", count: 60))}", breaks: .t4),
            Sample(Self.head + String(repeating: "\n", count: 500), breaks: .t5),
            Sample("\(Self.head)let a = 1 \n", breaks: .t6),
            Sample(
                "\(Self.head)func f(a: Int, b: Int, c: Int, d: Int, e: Int, f: [A: B], g: (C, D)) {}",
                breaks: .t7),
            Sample(
                "\(Self.head)func f<A, B>(a: Int, b: [A: B], c: (C, D) -> E, d: Int, e: Int = f(1, 2)) {}"),
            Sample("\(Self.head)func f(sessionID: String) {}", breaks: .t10),
            Sample("\(Self.head)func f(sessionID: SessionID) {}"),
            Sample("// SPDX-License-Identifier: Apache-2.0\nfunc f() {}", breaks: .t13),
            Sample("// SPDX-License-Identifier: Apache-2.0\nprivate struct A {\n    func f() {}\n}"),
            Sample("import A", breaks: .t14),
            Sample("\(Self.head)let a = 1  // TODO: later", breaks: .t14),
            Sample("\(Self.head)let b = 1\n// let a = f(1)", breaks: .t14),
            Sample("\(Self.head)struct SampleManager {}\n/// A\nstruct Sample {}", breaks: .t15),
            Sample("\(Self.head)struct Other {}", breaks: .t15),
            Sample("\(Self.head)mutating func apply() { switch a { default: b = c } }", breaks: .t17),
            Sample("\(Self.head)mutating func apply() { switch a { default: throw b } }"),
            Sample("\(Self.head)func f() { sleep(1) }", in: "Tests/WebTests/A.swift", breaks: .t20),
            Sample(
                "\(Self.head)// exception(T20): a pace\nlet a = ContinuousClock()",
                in: "Tests/WebTests/A.swift"),
        ])
    func report(sample: Sample) {
        #expect(sample.found { Sizes.check($0) + Words.check($0) + Surroundings.check($0) } == sample.broken)
    }

    private static let head = "// SPDX-License-Identifier: Apache-2.0\n/// A\n"
}
