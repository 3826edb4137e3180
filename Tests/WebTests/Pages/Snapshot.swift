// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Compares a page with the one that was looked at and kept in `Fixtures/`; `SNAPSHOT_UPDATE=1` keeps the new one.
func expectSnapshot(
    _ html: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = folder.appending(path: "Fixtures/\(name).html")
    if ProcessInfo.processInfo.environment["SNAPSHOT_UPDATE"] == "1" {
        try Data(unversioned(html).utf8).write(to: file)
        return
    }
    let kept = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    let lines = zip(unversioned(html).split(separator: "\n"), unversioned(kept).split(separator: "\n"))
    let difference = lines.first { $0 != $1 }.map { "now: \($0)\nkept: \($1)" } ?? "one is longer"
    let isSame = unversioned(html) == unversioned(kept)
    #expect(isSame, "\(name) looks different\n\(difference)", sourceLocation: sourceLocation)
}

/// Without the versions in the addresses of assets: a change of the style is no change of the page.
private func unversioned(_ html: String) -> String {
    html.replacing(#/\?v=[0-9a-z]+/#, with: "")
}
