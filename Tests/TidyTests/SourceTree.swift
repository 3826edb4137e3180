// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The working copy this test was built in.
struct SourceTree: Sendable {
    let root: URL
    let files: [SourceFile]
    /// The folders below `Sources/`.
    let folders: [String]
    /// The folders below `Tests/<Module>Tests/Fixtures/`.
    let fixtureFolders: [String]

    /// Read once for all tests.
    static let here = SourceTree(
        root: URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent())

    init(root: URL) {
        self.root = root
        let paths = Self.paths(below: "Sources", in: root) + Self.paths(below: "Tests", in: root)
        files = paths.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
            Self.read(path, in: root).map { SourceFile(path: path, text: $0) }
        }
        folders = Self.folders(below: "Sources", in: root)
        fixtureFolders = Self.folders(below: "Tests", in: root).flatMap { tests in
            Self.folders(below: "Tests/\(tests)/Fixtures", in: root).map { "Tests/\(tests)/Fixtures/\($0)" }
        }
    }

    /// The text of a file, nil if there is none.
    func text(_ path: String) -> String? { Self.read(path, in: root) }

    /// Whether there is a file or folder.
    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// Files below a folder whose names end so, from the root.
    func paths(below folder: String, endingIn ending: String) -> [String] {
        Self.paths(below: folder, in: root).filter { $0.hasSuffix(ending) }.sorted()
    }

    private static func read(_ path: String, in root: URL) -> String? {
        // A file that cannot be read is not there; what misses it says so.
        try? String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private static func paths(below folder: String, in root: URL) -> [String] {
        // A folder that does not exist has no files.
        let found = try? FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
        return (found ?? []).map { "\(folder)/\($0)" }
    }

    private static func folders(below folder: String, in root: URL) -> [String] {
        // A folder that does not exist has no folders.
        let found = try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
        return (found ?? []).sorted().filter { name in
            var isFolder: ObjCBool = false
            let path = root.appending(path: folder).appending(path: name).path
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
        }
    }
}
