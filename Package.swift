// swift-tools-version: 6.2
import PackageDescription

// Strictness is switched on by `make check` and by CI, so that a newer compiler's new warnings
// never keep an administrator from building a release.
let strict = Context.environment["ROSTER_STRICT"] == "1"

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

// What `roster version` tells of a build. scripts/build-release.sh puts it into the environment; `swift build` alone does not, so
// a commit spoils no build of a developer. A new commit compiles the one small file of CBuild, and links.
let build: [CSetting] = ["ROSTER_COMMIT", "ROSTER_COMMIT_DATE", "ROSTER_SWIFT"].compactMap { name in
    Context.environment[name].flatMap { $0.isEmpty ? nil : .define(name, to: $0) }
}

// `scripts/fuzz.sh` builds a fuzzer, with libFuzzer's runtime; no other build has it.
let fuzzer: [Target] =
    Context.environment["ROSTER_FUZZ"] == "1"
    ? [
        .executableTarget(
            name: "RosterFuzz",
            dependencies: [
                "RosterModel", "RosterServing", "RosterHTTP", "RosterLDAP", "RosterImport",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/Fuzz", swiftSettings: settings,
            // The gold linker ends with an internal error on the tables of the coverage.
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])])
    ] : []

let package = Package(
    name: "roster",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "roster", targets: ["RosterCLI"])
    ],
    traits: [
        .default(enabledTraits: ["PostgreSQL"]),
        .trait(name: "PostgreSQL", description: "The distributed store; needs libpq."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        .target(name: "RosterModel", swiftSettings: settings),
        .target(name: "RosterStore", dependencies: ["RosterModel"], swiftSettings: settings),
        .target(name: "RosterSnapshot", dependencies: ["RosterModel"], swiftSettings: settings),
        .target(
            name: "RosterDirectory",
            dependencies: [
                "RosterModel", "RosterStore", "RosterSnapshot",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: settings),
        .target(
            name: "RosterMetrics",
            dependencies: [
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .target(
            name: "RosterServing",
            dependencies: [
                "RosterModel",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOExtras", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "RosterSQLite",
            dependencies: [
                "RosterModel", "RosterStore",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "RosterPostgres", dependencies: ["RosterModel", "RosterStore", "CPostgres"], swiftSettings: settings),
        .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CRename"),
        .target(name: "CBuild", cSettings: build),
        .target(
            name: "RosterCredentials",
            dependencies: [
                "RosterModel", "CCrypt",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "RosterHTTP",
            dependencies: [
                "RosterModel", "RosterStore", "RosterSnapshot", "RosterDirectory", "RosterServing",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "RosterLDAP",
            dependencies: [
                "RosterModel", "RosterSnapshot", "RosterDirectory", "RosterServing",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(name: "RosterHomes", dependencies: ["RosterModel", "CRename"], swiftSettings: settings),
        .target(name: "RosterImport", dependencies: ["RosterModel", "RosterStore"], swiftSettings: settings),
        .executableTarget(
            name: "RosterCLI",
            dependencies: [
                "RosterModel", "RosterStore", "RosterSnapshot", "RosterDirectory", "RosterServing", "RosterSQLite",
                "RosterCredentials", "RosterHTTP", "RosterLDAP", "RosterHomes", "RosterImport", "RosterMetrics",
                "CMalloc", "CBuild",
                .target(name: "RosterPostgres", condition: .when(traits: ["PostgreSQL"])),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCertificateReloading", package: "swift-nio-extras"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        // What several test targets share: the reference store, made-up people, a key that seals nothing.
        .target(
            name: "RosterTesting", dependencies: ["RosterModel", "RosterStore", "RosterSnapshot", "RosterDirectory"],
            path: "Tests/Support", swiftSettings: settings),
        .testTarget(
            name: "ModelTests", dependencies: ["RosterModel", "RosterTesting"], swiftSettings: settings),
        .testTarget(
            name: "SnapshotTests", dependencies: ["RosterModel", "RosterSnapshot", "RosterTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "DirectoryTests",
            dependencies: ["RosterModel", "RosterStore", "RosterSnapshot", "RosterDirectory", "RosterTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "MetricsTests",
            dependencies: [
                "RosterMetrics", .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ServingTests",
            dependencies: [
                "RosterModel", "RosterServing", "RosterTesting",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "RosterModel", "RosterStore", "RosterSnapshot", "RosterDirectory", "RosterSQLite", "RosterPostgres",
                "RosterCredentials", "RosterTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "CredentialsTests", dependencies: ["RosterModel", "RosterCredentials"], swiftSettings: settings),
        .testTarget(name: "HomesTests", dependencies: ["RosterModel", "RosterHomes"], swiftSettings: settings),
        .testTarget(
            name: "ImportTests",
            dependencies: ["RosterModel", "RosterStore", "RosterSnapshot", "RosterImport", "RosterTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "HTTPTests",
            dependencies: [
                "RosterModel", "RosterStore", "RosterSnapshot", "RosterDirectory", "RosterServing", "RosterHTTP",
                "RosterCredentials", "RosterTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LDAPTests",
            dependencies: [
                "RosterModel", "RosterStore", "RosterSnapshot", "RosterDirectory", "RosterServing", "RosterLDAP",
                "RosterTesting",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTestUtils", package: "swift-nio"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "CLITests",
            dependencies: [
                "RosterModel", "RosterLDAP", "RosterCLI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["RosterModel", "RosterStore", "RosterSQLite", "RosterCredentials", "RosterCLI"],
            swiftSettings: settings
        ),
    ] + fuzzer,
    swiftLanguageModes: [.v6]
)
