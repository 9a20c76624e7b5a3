package import RosterModel

/// The SQL for a query of the operation log, for stores that have these tables in addition to `operations`:
///
/// - `jobs`: one row per job. `ordinal` counts jobs from 1 without gaps, in the order in which they began.
///   `first_sequence` and `last_sequence` name its events. The other columns are copies of theirs, for filtering.
/// - `job_links`: the clusters (kind `c`) and resources (kind `r`) of a job, by value.
///
/// Parameters are written as `?`, in the order of the values.
package struct JobQueries {
    /// A parameter's value.
    package enum Value: Sendable {
        case text(String)
        case number(Int64)
        case texts([String])
    }

    /// A statement and its values.
    package typealias Query = (sql: String, values: [Value])

    /// The SQL that differs between databases.
    package struct Dialect: Sendable {
        let isAmong: String
        let contains: @Sendable (_ column: String) -> String
        let isNotASCII: @Sendable (_ column: String) -> String

        /// Creates a dialect.
        /// - Parameters:
        ///   - isAmong: the operator that tests whether a column's value is among those of a list parameter.
        ///   - contains: tests whether the column contains a lower-case parameter, ignoring ASCII case.
        ///   - isNotASCII: tests whether the column has characters beyond ASCII.
        package init(
            isAmong: String, contains: @escaping @Sendable (_ column: String) -> String,
            isNotASCII: @escaping @Sendable (_ column: String) -> String
        ) {
            self.isAmong = isAmong
            self.contains = contains
            self.isNotASCII = isNotASCII
        }
    }

    private let query: OperationQuery
    private let dialect: Dialect
    private var isAmong: String { dialect.isAmong }
    /// The direction of the ordinals, for ORDER BY.
    private var order: String { query.isReversed ? "DESC" : "ASC" }

    /// Creates the SQL for `query` in `dialect`.
    package init(_ query: OperationQuery, _ dialect: Dialect) {
        self.query = query
        self.dialect = dialect
    }

    /// Whether the caller must filter the jobs by the search word, which SQL alone cannot do.
    package var hasSearchWord: Bool { query.searchWord != nil }

    /// The columns of `page` and `chunk`.
    package static let columns = """
        f.job_id, f.action, f.owner, f.submitter, f.origin, f.clusters, f.resources, f.time, l.status, l.time, l.error_code, \
        l.message, j.ordinal
        """

    /// Counts the matching jobs, in one row. The search word is ignored.
    package func count() -> Query {
        let filters = filters()
        if filters.isEmpty, let visibility = visibility() {
            // Counts each job once without reading all jobs: those of the clusters, plus the account's own that are
            // about none of them.
            let links = "SELECT count(\(query.scope.clusters.count > 1 ? "DISTINCT " : "")ordinal) FROM job_links"
            let ofClusters: Query = ("(\(links) WHERE \(isOfClusters().sql))", isOfClusters().values)
            guard let owned = visibility.owned else { return ("SELECT \(ofClusters.sql)", ofClusters.values) }
            let others = isAboutAny(query.scope.clusters)
            return (
                """
                SELECT \(ofClusters.sql) + (SELECT count(*) FROM jobs j WHERE \(owned.sql) AND NOT \(others.sql))
                """, ofClusters.values + owned.values + others.values
            )
        }
        let conditions = conditions()
        if conditions.isEmpty { return ("SELECT coalesce(max(ordinal), 0) FROM jobs", []) }
        let joined = joined(conditions)
        return ("SELECT count(*) FROM jobs j WHERE \(joined.sql)", joined.values)
    }

    /// Selects the jobs of the page. The search word is ignored.
    package func page() -> Query {
        let (offset, limit) = (Int64(query.offset), Int64(query.limit))
        let conditions = conditions()
        if conditions.isEmpty {
            // Ordinals have no gaps: an offset is an ordinal.
            let start = query.isReversed ? "j.ordinal <= (SELECT max(ordinal) FROM jobs) - ?" : "j.ordinal > ?"
            return jobs(
                "SELECT * FROM jobs j WHERE \(start) ORDER BY ordinal \(order) LIMIT ?",
                [.number(offset), .number(limit)])
        }
        if filters().isEmpty, let visibility = visibility() {
            // The first n of both kinds together are among the first n of each kind. An offset may be any number.
            let (end, isTooLarge) = offset.addingReportingOverflow(limit)
            let most = Value.number(isTooLarge ? .max : end)
            let ofClusters = isOfClusters()
            var source = """
                SELECT ordinal FROM (SELECT DISTINCT ordinal FROM job_links WHERE \(ofClusters.sql) ORDER BY ordinal \(order) LIMIT ?) a
                """
            var values = ofClusters.values + [most]
            if let owned = visibility.owned {
                source +=
                    " UNION SELECT ordinal FROM (SELECT ordinal FROM jobs j WHERE \(owned.sql) ORDER BY ordinal \(order) LIMIT ?) b"
                values += owned.values + [most]
            }
            return jobs(
                "SELECT * FROM jobs j WHERE ordinal IN (\(source)) ORDER BY ordinal \(order) LIMIT ? OFFSET ?",
                values + [.number(limit), .number(offset)])
        }
        let joined = joined(conditions)
        return jobs(
            "SELECT * FROM jobs j WHERE \(joined.sql) ORDER BY ordinal \(order) LIMIT ? OFFSET ?",
            joined.values + [.number(limit), .number(offset)])
    }

    /// Selects the next jobs after one, in the order of the query, ignoring its page: all that match the search word,
    /// and some that may not.
    /// - Parameter ordinal: that of the last job of the previous chunk; nil for the first chunk.
    package func chunk(after ordinal: Int64?, limit: Int) -> Query {
        let start = ordinal ?? (query.isReversed ? .max : 0)
        let after: Query = ("j.ordinal \(query.isReversed ? "<" : ">") ?", [.number(start)])
        let joined = joined(conditions() + (mayHaveSearchWord().map { [$0] } ?? []) + [after])
        return (
            """
            SELECT \(Self.columns) FROM jobs j JOIN operations f ON f.sequence = j.first_sequence
            JOIN operations l ON l.sequence = j.last_sequence
            WHERE \(joined.sql) ORDER BY j.ordinal \(order) LIMIT ?
            """, joined.values + [.number(Int64(limit))]
        )
    }

    /// True for every job that matches the search word, and for few others; nil if SQL cannot decide.
    ///
    /// Databases fold case beyond ASCII in different ways.
    private func mayHaveSearchWord() -> Query? {
        guard let word = query.searchWord, word.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let folded = FoldedText(word)
        guard query.scope.isGlobal || !FoldedText(Operation.maskedMessage).contains(folded) else { return nil }
        let columns = ["f.action", "l.message", "f.resources"]
        let conditions = columns.map(dialect.contains) + columns.dropFirst().map(dialect.isNotASCII)
        let text = Value.text(String(decoding: folded.bytes, as: UTF8.self))
        return ("(\(conditions.joined(separator: " OR ")))", columns.map { _ in text })
    }

    private func jobs(_ source: String, _ values: [Value]) -> Query {
        (
            """
            SELECT \(Self.columns) FROM (\(source)) j JOIN operations f ON f.sequence = j.first_sequence
            JOIN operations l ON l.sequence = j.last_sequence ORDER BY j.ordinal \(order)
            """, values
        )
    }

    // MARK: Conditions

    /// What a scope shows in addition to the jobs of its clusters.
    private struct Visibility {
        /// The jobs of its account; nil if it has none.
        let owned: Query?
    }

    private func joined(_ conditions: [Query]) -> Query {
        (conditions.map(\.sql).joined(separator: " AND "), conditions.flatMap(\.values))
    }

    private func conditions() -> [Query] {
        var conditions = filters()
        if let visibility = visibility() {
            let ofClusters = isAboutAny(query.scope.clusters)
            if let owned = visibility.owned {
                conditions.append(("(\(ofClusters.sql) OR \(owned.sql))", ofClusters.values + owned.values))
            } else {
                conditions.append(ofClusters)
            }
        } else if let zone = zone() {
            conditions.append(zone)
        }
        return conditions
    }

    /// What a scope that does not show everything shows: the jobs of its clusters, all in the zone, and those jobs of
    /// its account that appear in the zone. Nil for a global scope.
    private func visibility() -> Visibility? {
        guard !query.scope.isGlobal else { return nil }
        guard let account = query.scope.account else { return Visibility(owned: nil) }
        let zone = zone() ?? ("true", [])
        return Visibility(owned: ("(j.owner = ? AND \(zone.sql))", [.text(account.text)] + zone.values))
    }

    /// A job appears in its zone or, if it is about no visible cluster, in every zone. Nil if there is nothing to
    /// exclude.
    private func zone() -> Query? {
        guard !query.scope.elsewhere.isEmpty else { return nil }
        let inside = isAboutAny(query.scope.zone)
        let outside = isAboutAny(query.scope.elsewhere)
        return ("(\(inside.sql) OR NOT \(outside.sql))", inside.values + outside.values)
    }

    private func filters() -> [Query] {
        var filters: [Query] = []
        if !query.jobs.isEmpty { filters.append(("j.job_id \(isAmong)", [.texts(query.jobs.map(\.text))])) }
        if let status = query.status { filters.append(("j.status = ?", [.text(status.rawValue)])) }
        if let action = query.action {
            // The few actions are found in the index, and their jobs by the index too.
            filters.append(
                (
                    "j.action IN (SELECT action FROM (SELECT DISTINCT action FROM jobs) a WHERE lower(action) = ?)",
                    [.text(String(decoding: action.utf8.map(\.asciiLowercased), as: UTF8.self))]
                ))
        }
        if let owner = query.owner { filters.append(("j.owner = ?", [.text(owner.text)])) }
        if let start = query.start { filters.append(("j.create_time >= ?", [.number(start.seconds)])) }
        if let end = query.end { filters.append(("j.create_time <= ?", [.number(end.seconds)])) }
        if !query.resources.isEmpty { filters.append(isAbout(query.resources, kind: "r")) }
        if let words = query.userWords { filters.append(isAbout(words, kind: "r")) }
        if let cluster = query.cluster { filters.append(isAbout([cluster.text], kind: "c")) }
        return filters
    }

    /// Tests whether a link of the job, of a kind, is among some values.
    private func isAbout(_ words: Set<String>, kind: String) -> Query {
        var (sql, values) = ("r.kind = '\(kind)' AND r.value \(isAmong)", [Value.texts(words.sorted())])
        if !query.scope.isGlobal {
            // A filter must not find what the answer hides: an invisible cluster of a job about several.
            sql += """
                 AND (r.value \(isAmong) OR NOT EXISTS (SELECT 1 FROM job_links c WHERE c.kind = 'c' AND c.value = r.value
                AND c.ordinal = r.ordinal) OR (SELECT count(*) FROM job_links c WHERE c.kind = 'c' AND c.ordinal = r.ordinal) < 2)
                """
            values.append(.texts(query.scope.clusters.map(\.text)))
        }
        return ("j.ordinal IN (SELECT r.ordinal FROM job_links r WHERE \(sql))", values)
    }

    private func isOfClusters() -> Query {
        ("kind = 'c' AND value \(isAmong)", [.texts(query.scope.clusters.map(\.text))])
    }

    /// Tests whether the job is about one of the clusters.
    private func isAboutAny(_ clusters: Set<ClusterID>) -> Query {
        (
            "EXISTS (SELECT 1 FROM job_links k WHERE k.kind = 'c' AND k.ordinal = j.ordinal AND k.value \(isAmong))",
            [.texts(clusters.map(\.text))]
        )
    }

    // MARK: Consistency

    /// Finds a job whose row or links differ from its events, or that has no row. One column, at most one row.
    ///
    /// An event holds the words of its clusters and of its resources in one text each. With a space on both sides of
    /// every word, whole words can be found and removed: each link must be found, and removing all links must leave
    /// nothing. A link without a value, which SQLite had for a command about an empty name, is ignored.
    package static let inconsistent = """
        SELECT j.job_id FROM jobs j LEFT JOIN operations f ON f.sequence = j.first_sequence
        LEFT JOIN operations l ON l.sequence = j.last_sequence
        WHERE (f.job_id = j.job_id AND l.job_id = j.job_id AND f.action = j.action AND f.time = j.create_time
        AND (f.owner = j.owner OR f.owner IS NULL AND j.owner IS NULL) AND l.status = j.status) IS NOT TRUE
        OR (SELECT min(sequence) FROM operations o WHERE o.job_id = j.job_id) <> j.first_sequence
        OR (SELECT max(sequence) FROM operations o WHERE o.job_id = j.job_id) <> j.last_sequence
        OR \(differs("c", from: "f.clusters")) OR \(differs("r", from: "f.resources"))
        OR EXISTS (SELECT 1 FROM job_links k WHERE k.ordinal = j.ordinal AND k.kind NOT IN ('c', 'r'))
        UNION ALL SELECT o.job_id FROM operations o WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.job_id = o.job_id)
        LIMIT 1
        """

    /// Tests whether the links of a kind differ from the words of `column`.
    private static func differs(_ kind: String, from column: String) -> String {
        let words = "CASE \(column) WHEN '' THEN '' ELSE ' ' || replace(\(column), ' ', '  ') || ' ' END"
        let found = "length(\(words)) - length(replace(\(words), ' ' || k.value || ' ', ''))"
        let links = "FROM job_links k WHERE k.ordinal = j.ordinal AND k.kind = '\(kind)' AND k.value <> ''"
        return """
            (SELECT coalesce(sum(\(found)), 0) \(links)) <> length(\(words))
            OR EXISTS (SELECT 1 \(links) AND \(found) = 0)
            """
    }
}

extension OperationQuery {
    /// Creates a page of `jobs`, masked for the scope.
    package func page(of jobs: [Operation], totalCount: Int) -> OperationPage {
        OperationPage(totalCount: totalCount, operations: jobs.map { $0.masked(for: scope) })
    }

    /// Filters jobs by the search word, which the SQL ignores.
    /// - Parameter next: returns the next jobs; an empty array at the end.
    package func pageBySearching(_ next: () throws -> [Operation]) rethrows -> OperationPage {
        let word = FoldedText(searchWord ?? "")
        var page = OperationPage(totalCount: 0, operations: [])
        while case let jobs = try next(), !jobs.isEmpty {
            for job in jobs.lazy.map({ $0.masked(for: scope) })
            where ([job.action, job.message] + job.resources).contains(where: { FoldedText($0).contains(word) }) {
                if page.totalCount >= offset, page.operations.count < limit { page.operations.append(job) }
                page.totalCount += 1
            }
        }
        return page
    }
}
