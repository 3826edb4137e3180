// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The project's files, read as text.
enum SourceTree {
    /// The folder that holds Package.swift.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A Swift file with its module and its lines; code and comments apart.
    struct File: Sendable {
        /// Path below the root.
        let path: String
        /// The folder below `Sources`.
        let module: String
        /// Each line as written.
        let lines: [String]
        /// Each line without comments and without the contents of string literals.
        let code: [String]

        init(path: String, module: String, text: String) {
            self.path = path
            self.module = module
            lines = text.components(separatedBy: "\n")
            code = CodeLines.blanked(text)
        }
    }

    /// All files of `Sources`, or of `Tests`.
    static func files(below folder: String) throws -> [File] {
        let start = root.appendingPathComponent(folder)
        let names = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
        var files: [File] = []
        for case let url as URL in names ?? .init() where url.pathExtension == "swift" {
            let path = url.path.replacingOccurrences(of: root.path + "/", with: "")
            let parts = path.split(separator: "/")
            let text = try String(contentsOf: url, encoding: .utf8)
            files.append(File(path: path, module: String(parts[1]), text: text))
        }
        return files.sorted { $0.path < $1.path }
    }
}

/// Blanks comments and the contents of string literals, so that rules look at code alone.
enum CodeLines {
    static func blanked(_ text: String) -> [String] {
        var lines: [String] = []
        var isInLongText = false
        for line in text.components(separatedBy: "\n") {
            if isInLongText {
                isInLongText = !line.contains("\"\"\"")
                lines.append("")
                continue
            }
            let parts = line.components(separatedBy: "\"\"\"")
            if parts.count == 2 {
                isInLongText = true
                lines.append(blankedLine(parts[0]) + "\"\"")
            } else {
                lines.append(blankedLine(line))
            }
        }
        return lines
    }

    private static func blankedLine(_ line: String) -> String {
        var code = ""
        var isInText = false
        var previous: Character = " "
        for character in line {
            if character == "\"", previous != "\\" {
                isInText.toggle()
                code.append("\"")
            } else if !isInText {
                if character == "/", previous == "/" { return String(code.dropLast()) }
                code.append(character)
            }
            previous = previous == "\\" && character == "\\" ? " " : character
        }
        return code
    }
}

/// One place where a rule is broken.
struct Breach: Hashable, CustomStringConvertible {
    let rule: String
    let path: String
    let line: Int
    let text: String

    var description: String { "\(rule) \(path):\(line): \(text.trimmingCharacters(in: .whitespaces))" }
}
