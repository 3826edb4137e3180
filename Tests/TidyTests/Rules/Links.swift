// SPDX-License-Identifier: Apache-2.0

/// T19: every link of the documents leads somewhere.
enum Links {
    /// The documents a newcomer reads.
    static func documents(_ tree: SourceTree) -> [String] {
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
            + tree.paths(below: "docs", endingIn: ".md")
    }

    static func check(_ tree: SourceTree) -> [Finding] {
        documents(tree).flatMap { path -> [Finding] in
            guard let text = tree.text(path) else {
                return [Finding(rule: .t19, path: path, line: 1, words: "is missing")]
            }
            let folder = path.split(separator: "/").dropLast().joined(separator: "/")
            return links(text).compactMap { target, line in
                let file =
                    target.split(separator: "#", omittingEmptySubsequences: false).first.map(String.init)
                    ?? ""
                guard !file.isEmpty, !tree.exists(folder.isEmpty ? file : "\(folder)/\(file)") else {
                    return nil
                }
                return Finding(
                    rule: .t19, path: path, line: line, words: "leads to \(target), which is not there")
            }
        }
    }

    /// Relative targets of `[words](target)`, outside of code.
    static func links(_ text: String) -> [(target: String, line: Int)] {
        var found: [(String, Int)] = []
        var isCode = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("```") { isCode.toggle() }
            if isCode { continue }
            var rest = line[...]
            while let start = rest.firstRange(of: "](") {
                rest = rest[start.upperBound...]
                guard let end = rest.firstIndex(of: ")") else { break }
                let target = String(rest[..<end].prefix { $0 != " " })
                if !target.contains("://"), !target.hasPrefix("mailto:") { found.append((target, index + 1)) }
                rest = rest[end...]
            }
        }
        return found
    }
}
