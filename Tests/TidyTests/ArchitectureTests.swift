// SPDX-License-Identifier: Apache-2.0

import Testing

/// ARCHITECTURE.md tells what the code does: the same arrows, the same ten steps by the same names.
@Suite("The map is the country")
struct ArchitectureTests {
    private let page: String

    init() throws {
        page = try #require(SourceTree.here.text("ARCHITECTURE.md"))
    }

    @Test("the ten steps have the names of the test that walks them", .timeLimit(.minutes(1)))
    func steps() throws {
        let walk = "Tests/EndToEndTests/LifeOfAKilowattHourTests.swift"
        let test = try #require(SourceTree.here.files.first { $0.path == walk })

        let told = Self.toldSteps(page)
        let walked = Self.walkedSteps(test)

        #expect(told.count == 10)
        #expect(told == walked)
    }

    @Test("the table of modules has the arrows that are checked", .timeLimit(.minutes(1)))
    func arrows() {
        let shown = Self.rows(page, under: "## Modules and arrows").map { cells in
            "\(cells[0]): \(cells[2])"
        }

        let checked = Arrows.modules.map { module in
            "`\(module.name)`: \(module.ours.isEmpty ? "–" : module.ours.joined(separator: ", "))"
        }

        #expect(shown == checked)
    }

    @Test("the package has the arrows that are checked", .timeLimit(.minutes(1)))
    func manifest() throws {
        let package = try #require(SourceTree.here.text("Package.swift"))

        let written = Self.manifestArrows(package)

        for module in Arrows.modules {
            #expect(written[module.name] == Set(module.ours), "\(module.name)")
        }
    }

    @Test("arrows are read from a manifest")
    func readsManifest() {
        let package = """
            let trades = ["Quantities", "Tariffs"]
            targets: [
                // A comment.
                target("Quantities"),
                target("Digests", [], [crypto]),
                target("Storage", trades + ["Digests", "CSQLite"], [logging]),
                .executableTarget(name: "App", dependencies: (trades + ["Storage"]).map { .byName(name: $0) } + [x]),
                tests("StorageTests", ["Storage"]),
            ]
            """

        #expect(
            Self.manifestArrows(package) == [
                "Quantities": [], "Digests": [], "Storage": ["Quantities", "Tariffs", "Digests"],
                "App": ["Quantities", "Tariffs", "Storage"],
            ])
    }

    @Test("a module sees only what stands above it")
    func order() {
        for (index, module) in Arrows.modules.enumerated() {
            let above = Set(Arrows.modules[..<index].map(\.name))
            #expect(Set(module.ours).isSubset(of: above), "\(module.name)")
        }
    }

    /// `3. **Usage.** …` becomes `Step 3: Usage`.
    static func toldSteps(_ page: String) -> [String] {
        page.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[0].dropLast()), parts[0].last == ".",
                parts[1].hasPrefix("**"), let end = parts[1].dropFirst(2).firstRange(of: ".**")
            else { return nil }
            let name = parts[1].dropFirst(2)[..<end.lowerBound]
            return name.contains(" ") ? nil : "Step \(number): \(name)"
        }
    }

    /// `// Step 3: Usage`, in the order of the code.
    static func walkedSteps(_ file: SourceFile) -> [String] {
        file.comments.map { String($0.text.drop { $0 == "/" || $0 == " " }) }.filter { $0.hasPrefix("Step ") }
    }

    /// The arrows between modules of ours as `Package.swift` writes them, system libraries left out.
    static func manifestArrows(_ package: String) -> [String: Set<String>] {
        let tokens = Lexer(package).tokens
        let trades = tokens.firstIndex { $0.is("trades") }.map { strings(tokens[$0...]) } ?? []
        var arrows: [String: Set<String>] = [:]
        for index in tokens.indices.dropFirst() where tokens[index - 1].is("(") || tokens[index - 1].is(":") {
            guard tokens[index].kind == .string, index > 2 else { continue }
            let isTarget = tokens[index - 2].is("target") && tokens[index - 1].is("(")
            let isApp = tokens[index].text == "App" && tokens[index - 4].is("executableTarget")
            guard isTarget || isApp else { continue }
            let list = tokens[(index + 1)...].drop {
                $0.is(",") || $0.is("dependencies") || $0.is(":") || $0.is("(")
            }
            var found = Set(
                list.first?.is("[") == true || list.first?.is("trades") == true ? strings(list) : [])
            if list.first?.is("trades") == true { found.formUnion(trades) }
            arrows[tokens[index].text] = found.subtracting(Arrows.systemLibraries.keys)
        }
        return arrows
    }

    /// The texts of the first list in brackets.
    private static func strings(_ tokens: ArraySlice<Token>) -> [String] {
        tokens.drop { !$0.is("[") }.prefix { !$0.is("]") }.filter { $0.kind == .string }.map(\.text)
    }

    /// The cells of the first table under a heading, without its head.
    static func rows(_ page: String, under heading: String) -> [[String]] {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        let table = lines.drop { $0 != heading }.drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
        return table.dropFirst(2).map { line in
            line.split(separator: "|").map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
        }
    }
}
