// SPDX-License-Identifier: Apache-2.0

/// T10 and T13 to T15: names and comments. A report.
enum Words {
    static func check(_ file: SourceFile) -> [Finding] {
        guard !file.isTest else { return leftovers(file) }
        return identifiers(file) + documentation(file) + leftovers(file) + names(file)
    }

    /// T10: an id is `ID<Owner>`, so that a payment is never looked up by a session's. OCPP's own ids stay as they are.
    private static func identifiers(_ file: SourceFile) -> [Finding] {
        if file.module == "OCPP" { return [] }
        let bare: Set<String> = ["String", "Int", "Int64", "UUID", "String?", "Int?", "Int64?", "UUID?"]
        return file.declarations.filter(\.isFunction).flatMap { declaration in
            declaration.parameters.compactMap { name, type in
                let isID = name == "id" || name.hasSuffix("ID") || name.hasSuffix("Id")
                guard isID, bare.contains(type) else { return nil }
                return file.finding(.t10, declaration.firstLine, "\(name): \(type) is a bare id")
            }
        }
    }

    /// T13: what others see says what it is.
    private static func documentation(_ file: SourceFile) -> [Finding] {
        let silent: Set<String> = ["import", "extension", "case", "init", "deinit"]
        let witnesses: Set<String> = [
            "hash", "encode", "<", "==", "+", "-", "+=", "-=", "description", "debugDescription", "body",
            "run", "rawValue",
            "CodingKeys", "Element", "Iterator", "makeIterator", "next",
        ]
        return file.declarations.compactMap { declaration in
            guard !declaration.isPrivate, !silent.contains(declaration.keyword),
                !witnesses.contains(declaration.name), !declaration.modifiers.contains("override"),
                !file.comments.contains(where: {
                    $0.isDocumentation && $0.lastLine == declaration.firstLine - 1
                })
            else { return nil }
            return file.finding(
                .t13, declaration.firstLine, "\(declaration.keyword) \(declaration.name) has no ///")
        }
    }

    /// T14: nothing is left lying about.
    private static func leftovers(_ file: SourceFile) -> [Finding] {
        let head = "// SPDX-License-Identifier: Apache-2.0"
        var findings: [Finding] = []
        if file.lines.first.map(String.init) != head {
            findings.append(Finding(rule: .t14, path: file.path, line: 1, words: "begins with \(head)"))
        }
        for comment in file.comments where !comment.isDocumentation {
            let text = comment.text.drop { $0 == "/" || $0 == " " }
            let isTask = ["TODO", "FIXME", "XXX"].contains { text.hasPrefix($0) } && !text.contains("#")
            let isCode =
                text.hasSuffix("{") || text.hasSuffix(";")
                || ["let ", "var ", "func ", "import ", "return ", "guard ", "} else"].contains {
                    text.hasPrefix($0) && !text.hasSuffix(".") && text.contains(where: { "(={".contains($0) })
                }
            if isTask, let found = file.finding(.t14, comment.firstLine, "a task without its issue") {
                findings.append(found)
            }
            if isCode, let found = file.finding(.t14, comment.firstLine, "code in a comment") {
                findings.append(found)
            }
        }
        return findings
    }

    /// T15: the trade's nouns, and a file named after what it begins with.
    private static func names(_ file: SourceFile) -> [Finding] {
        let endings = ["Manager", "Helper", "Helpers", "Util", "Utils", "Data", "Info", "Base", "Impl"]
        var findings: [Finding] = []
        for declaration in file.declarations where declaration.isType && declaration.keyword != "extension" {
            let name = declaration.name
            guard endings.contains(where: { name.hasSuffix($0) && name != $0 }) || name.hasPrefix("Default")
            else { continue }
            if let found = file.finding(.t15, declaration.firstLine, "\(name) says little") {
                findings.append(found)
            }
        }
        let first = file.declarations.first { $0.depth == 0 && $0.keyword != "import" && !$0.isPrivate }
        let stem = file.name.split(separator: "+").first.map(String.init) ?? file.name
        let isNamed = file.declarations.contains { $0.isType && ($0.name == stem || $0.name == file.name) }
        if let first, first.isType, first.keyword != "extension", !isNamed {
            findings.append(
                Finding(
                    rule: .t15, path: file.path, line: first.firstLine, words: "begins with \(first.name)"))
        }
        return findings
    }
}
