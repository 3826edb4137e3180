// SPDX-License-Identifier: Apache-2.0

/// T4 to T7: sizes. A report.
enum Sizes {
    static func check(_ file: SourceFile) -> [Finding] {
        functions(file) + lines(file) + parameters(file)
    }

    private static func functions(_ file: SourceFile) -> [Finding] {
        let isPure = file.module.map(Arrows.pure.contains) ?? false
        let most = isPure ? Limits.functionLinesInPureModules : Limits.functionLinesElsewhere
        return file.declarations.filter { $0.isFunction && $0.lastLine - $0.line + 1 > most }.compactMap {
            file.finding(
                .t4, $0.firstLine, "\($0.name) has \($0.lastLine - $0.line + 1) lines, more than \(most)")
        }
    }

    private static func lines(_ file: SourceFile) -> [Finding] {
        var findings: [Finding] = []
        if file.lines.count > Limits.fileLines,
            !file.comments.contains(where: { $0.text.contains("exception(T5):") })
        {
            findings.append(
                Finding(
                    rule: .t5, path: file.path, line: 1,
                    words: "\(file.lines.count) lines, more than \(Limits.fileLines)"))
        }
        for (index, line) in file.lines.enumerated() {
            let complaint: String? =
                if line.utf8.contains(9) {
                    "a tab"
                } else if line.utf8.last == 32 {
                    "a space at the end"
                } else if line.utf8.count > Limits.lineColumns, line.count > Limits.lineColumns {
                    "\(line.count) columns, more than \(Limits.lineColumns)"
                } else {
                    nil
                }
            if let complaint, let finding = file.finding(.t6, index + 1, complaint) {
                findings.append(finding)
            }
        }
        return findings
    }

    private static func parameters(_ file: SourceFile) -> [Finding] {
        guard !file.isTest else { return [] }
        return file.declarations.filter { $0.isFunction && !$0.modifiers.contains("override") }.compactMap {
            let count = $0.parameters.count
            guard count > Limits.parameters else { return nil }
            return file.finding(
                .t7, $0.firstLine, "\($0.name) has \(count) parameters, more than \(Limits.parameters)")
        }
    }
}
