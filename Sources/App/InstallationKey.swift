// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage

/// Where the keys that seal secrets come from (decision 0020): the environment, a file of yours, or, for an embedded
/// database, a file beside it that the first start makes.
struct InstallationKey {
    /// The keys; nil for a process that only reads and was given none.
    let keys: InstallationKeys?
    /// The file that was made just now.
    private let made: String?

    /// Finds the keys, or makes one.
    ///
    /// Throws `StartError.badSetting` for keys that cannot be read, and for a PostgreSQL database without any: its nodes
    /// must have the same, so none of them may make one.
    init(for location: DatabaseLocation, file: String?, readOnly: Bool = false) throws {
        if let text = Environment["AMPTILL_INSTALLATION_KEY"] {
            self.init(try Self.keys(in: text, from: "AMPTILL_INSTALLATION_KEY"))
        } else if let file {
            self.init(try Self.keys(inFile: file))
        } else {
            try self.init(beside: location, readOnly: readOnly)
        }
    }

    private init(_ keys: InstallationKeys?, made: String? = nil) {
        self.keys = keys
        self.made = made
    }

    private init(beside location: DatabaseLocation, readOnly: Bool) throws {
        switch location {
        case .memory: self.init(.random())
        case .file(let path):
            let file = path + ".key"
            if FileManager.default.fileExists(atPath: file) {
                self.init(try Self.keys(inFile: file))
            } else if readOnly {
                self.init(nil)
            } else {
                try Self.make(file)
                self.init(try Self.keys(inFile: file), made: file)
            }
        case .postgres where readOnly: self.init(nil)
        case .postgres:
            throw StartError.badSetting(
                "AMPTILL_INSTALLATION_KEY",
                "a PostgreSQL database needs a key for its secrets, the same on every node: "
                    + "64 hexadecimal digits, e.g. of openssl rand -hex 32")
        }
    }

    /// Opens a database with these keys. What is wrong with a key is told in the words of its setting.
    func open(_ location: DatabaseLocation, _ options: StoreOptions) async throws -> Store {
        var options = options
        options.keys = keys
        do {
            return try await Store.open(location, options: options)
        } catch StoreError.wrongKey(let sealer, let given) {
            guard let made else {
                throw StartError.badSetting(
                    "AMPTILL_INSTALLATION_KEY",
                    "the secrets of this database are sealed with key \(sealer); given: "
                        + given.joined(separator: ", "))
            }
            // It opens nothing, and in the place of the lost one it would only mislead.
            try FileManager.default.removeItem(atPath: made)
            throw StartError.badSetting(
                "AMPTILL_INSTALLATION_KEY",
                "\(made) is missing; the secrets of this database are sealed with key \(sealer)")
        }
    }

    // MARK: files

    private static func keys(inFile path: String) throws -> InstallationKeys {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartError.badSetting("--installation-key-file", "\(path) cannot be read")
        }
        return try keys(in: String(decoding: data, as: UTF8.self), from: path)
    }

    private static func keys(in text: String, from place: String) throws -> InstallationKeys {
        guard let keys = InstallationKeys(text) else {
            throw StartError.badSetting(
                place, "a key has 64 hexadecimal digits; the first seals, older ones may follow")
        }
        return keys
    }

    /// Makes a key that only its owner can read, and returns when it is on the disk: nothing may be sealed before.
    private static func make(_ path: String) throws {
        let file = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw StartError.badSetting(
                "--installation-key-file", "\(path): \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        try handle.write(contentsOf: Data((InstallationKeys.newText() + "\n").utf8))
        try handle.synchronize()
        try handle.close()
    }
}

extension DatabaseOptions {
    /// Opens the database that these options name, with the keys of the installation.
    func open(_ options: StoreOptions) async throws -> Store {
        let location = try location
        return try await installationKey(for: location, readOnly: options.access == .readOnly)
            .open(location, options)
    }

    /// The keys for a database.
    func installationKey(for location: DatabaseLocation, readOnly: Bool = false) throws -> InstallationKey {
        let file = installationKeyFile ?? Environment["AMPTILL_INSTALLATION_KEY_FILE"]
        return try InstallationKey(for: location, file: file, readOnly: readOnly)
    }
}
