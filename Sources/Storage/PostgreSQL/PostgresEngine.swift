// SPDX-License-Identifier: Apache-2.0

/// PostgreSQL behind a `Store`.
final class PostgresEngine: Engine {
    static func open(
        _ url: String, schema: String?, _ migrations: [Migration], _ options: StoreOptions,
        _ doorbell: Doorbell
    ) async throws -> PostgresEngine { throw StoreError.unavailable("PostgreSQL is not built yet") }
    func perform(_ job: Job) async throws {}
    func append(_ statements: [Statement]) async throws {}
    func stop() {}
    func close() async {}
}
