// SPDX-License-Identifier: Apache-2.0

/// T16 to T18 and T20: what stands beside the code. A report.
enum Surroundings {
    static func check(_ file: SourceFile) -> [Finding] {
        clocks(file) + refusals(file)
    }

    /// T16 and T18, which look at the tree rather than at one file.
    static func check(_ tree: SourceTree) -> [Finding] {
        mirrors(tree) + frontPages(tree) + fixtures(tree)
    }

    /// T20: a test waits for a condition, never for a time.
    private static func clocks(_ file: SourceFile) -> [Finding] {
        guard file.isTest, !file.path.hasPrefix("Tests/TidyTests/") else { return [] }
        let words: Set<String> = ["sleep", "usleep", "ContinuousClock", "SuspendingClock", "clock_gettime"]
        return file.tokens.indices.compactMap { index in
            let token = file.tokens[index]
            let isNow =
                token.is("Date") && index + 2 < file.tokens.count && file.tokens[index + 1].is("(")
                && file.tokens[index + 2].is(")")
            guard (token.kind == .word && words.contains(token.text)) || isNow else { return nil }
            return file.finding(
                .t20, token.line, "\(token.text): a test waits for a condition, not for a time")
        }
    }

    /// T17: in `apply`, what is not said is refused.
    private static func refusals(_ file: SourceFile) -> [Finding] {
        file.declarations.filter { $0.name == "apply" && $0.modifiers.contains("mutating") }.flatMap {
            declaration in
            let body = Array(declaration.body)
            return body.indices.compactMap { index -> Finding? in
                guard body[index].is("default"), index + 2 < body.count, body[index + 1].is(":"),
                    !body[index + 2].is("throw"), !body[index + 2].is("return")
                else { return nil }
                return file.finding(.t17, body[index].line, "default: only refuses")
            }
        }
    }

    /// T16: a file that decides has its test beside it, under the same name.
    private static func mirrors(_ tree: SourceTree) -> [Finding] {
        let tested = Set(tree.files.filter(\.isTest).map(\.name))
        return tree.files.filter { file in
            guard let module = file.module, Arrows.pure.contains(module) else { return false }
            let stem = file.name.split(separator: "+").first.map(String.init) ?? file.name
            let decides = file.declarations.contains { $0.isFunction && $0.name != "init" }
            let isTested = [file.name, stem].contains {
                tested.contains($0 + "Tests") || tested.contains($0 + "Test")
            }
            return decides && !isTested
        }.map { Finding(rule: .t16, path: $0.path, line: 1, words: "has no test file of its name") }
    }

    /// T18: five headings on one screen.
    private static func frontPages(_ tree: SourceTree) -> [Finding] {
        let headings = ["Owns", "Does not own", "Invariants", "Where to start reading", "How to add"]
        return Arrows.modules.flatMap { module -> [Finding] in
            let path = "Sources/\(module.name)/\(module.name).docc/\(module.name).md"
            guard let text = tree.text(path) else {
                return [Finding(rule: .t18, path: path, line: 1, words: "is missing")]
            }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let found = lines.filter { $0.hasPrefix("## ") }.map { String($0.dropFirst(3)) }
            var findings: [Finding] = []
            if found != headings {
                findings.append(Finding(rule: .t18, path: path, line: 1, words: "has not the five headings"))
            }
            if lines.count > Limits.frontPageLines {
                findings.append(Finding(rule: .t18, path: path, line: 1, words: "is longer than a screen"))
            }
            return findings
        }
    }

    /// T16: a folder of fixtures says why it is there.
    private static func fixtures(_ tree: SourceTree) -> [Finding] {
        tree.fixtureFolders.filter { tree.text($0 + "/why.md") == nil }.map {
            Finding(rule: .t16, path: $0, line: 1, words: "has no why.md")
        }
    }
}
