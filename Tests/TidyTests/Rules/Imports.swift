// SPDX-License-Identifier: Apache-2.0

/// T1 and T2: who may see whom, and who may touch the outside.
enum Imports {
    static func check(_ file: SourceFile) -> [Finding] {
        imports(file) + outside(file)
    }

    /// T1 of the folders: each is a module of the table or a system library.
    static func check(folders: [String]) -> [Finding] {
        let known = Set(Arrows.modules.map(\.name)).union(Arrows.systemLibraries.keys)
        let strangers = folders.filter { !known.contains($0) }.map {
            Finding(rule: .t1, path: "Sources/\($0)", line: 1, words: "is not in the table of arrows")
        }
        let missing = known.subtracting(folders).sorted().map {
            Finding(
                rule: .t1, path: "Sources/\($0)", line: 1,
                words: "is in the table of arrows and does not exist")
        }
        return strangers + missing
    }

    private static func imports(_ file: SourceFile) -> [Finding] {
        let known = Set(Arrows.modules.map(\.name))
        return named(file).flatMap { target, line, isTestable -> [Finding] in
            var findings: [Finding] = []
            func find(_ rule: Rule, _ words: String) {
                findings.append(Finding(rule: rule, path: file.path, line: line, words: words))
            }
            if isTestable { find(.t1, "tests what is package or public, never @testable") }
            if let places = Arrows.systemLibraries[target],
                !places.contains(where: { file.path.hasPrefix($0) })
            {
                find(.t2, "\(target) is used in \(places.joined(separator: ", ")) only")
            }
            guard let own = file.module else { return findings }
            guard let module = Arrows.module(own) else { return findings }
            if known.contains(target) {
                if !module.ours.contains(target) { find(.t1, "no arrow leads from \(own) to \(target)") }
            } else if !module.others.contains(target) {
                find(.t2, "\(own) may not import \(target)")
            }
            return findings
        }
    }

    private static func named(_ file: SourceFile) -> [(target: String, line: Int, isTestable: Bool)] {
        let kinds: Set<String> = ["struct", "class", "enum", "func", "protocol", "typealias", "var", "let"]
        let tokens = file.tokens
        return tokens.indices.compactMap { index in
            guard tokens[index].is("import"), index + 1 < tokens.count, tokens[index + 1].kind == .word,
                tokens[index + 1].line == tokens[index].line
            else { return nil }
            if index > 0, tokens[index - 1].is(".") { return nil }
            let isTestable = index > 0 && tokens[index - 1].is("@testable")
            let target = kinds.contains(tokens[index + 1].text) ? index + 2 : index + 1
            guard target < tokens.count else { return nil }
            return (tokens[target].text, tokens[index].line, isTestable)
        }
    }

    /// SQL in `Storage` alone, the environment in `App` alone, writing doors nowhere.
    private static func outside(_ file: SourceFile) -> [Finding] {
        guard let module = file.module else { return [] }
        let tokens = file.tokens
        var findings: [Finding] = []
        for (index, token) in tokens.enumerated() {
            func find(_ words: String) {
                findings.append(Finding(rule: .t2, path: file.path, line: token.line, words: words))
            }
            let before = index > 1 ? (tokens[index - 2], tokens[index - 1]) : nil
            if token.kind == .string, module != "Storage", isSQL(token.text) {
                find("SQL stands in Storage only")
            } else if module != "App",
                token.is("getenv") || token.is("setenv")
                    || (token.is("environment") && before?.1.is(".") == true
                        && before?.0.is("processInfo") == true)
            {
                find("the environment is read in App only")
            } else if ["Web", "Chargers"].contains(module), token.is("transaction") || token.is("append"),
                before?.1.is(".") == true, before?.0.is("store") == true
            {
                find("a door writes by calling a verb of Billing")
            }
        }
        return findings
    }

    private static func isSQL(_ text: String) -> Bool {
        ["SELECT ", "SELECT\n", "INSERT INTO", "DELETE FROM", "CREATE TABLE"].contains { text.contains($0) }
            || (text.contains("UPDATE ") && text.contains("SET "))
    }
}
