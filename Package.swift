// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors in every Swift target of this package; dependencies keep their own settings.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// C targets are shims only; `_GNU_SOURCE` brings openat2, renameat2 and statx into view.
let gnu: [CSetting] = [.define("_GNU_SOURCE")]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// `exclude`: files beside the tests that are not Swift, such as servers that they start.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, exclude: exclude,
    swiftSettings: strict)
}

/// Static archives, so that a library missing on the device never stops the updater.
func archives(_ names: String...) -> [LinkerSetting] {
  names.map { .linkedLibrary(":lib\($0).a") }
}

/// Everything that has a parser, for `scripts/fuzz` and for the replay of what it found.
let parsers: [Target.Dependency] = [
  "TUF", "Cryptography", "Archives", "Bundles", "Product", "ProductTOML", "Installation", "Services", "Prerequisites",
  "Transport", "Updating", "Posix", "Proxies", "TPM", subprocess, system,
  .product(name: "NIOCore", package: "swift-nio"),
]

/// The same parsers under test twice: with libFuzzer (`scripts/fuzz` says so by the environment), and with the tests,
/// which run every kept input through them.
let fuzzing: Target =
  Context.environment["SLIPWAY_FUZZ"] == nil
  ? .testTarget(
    name: "FuzzTests", dependencies: parsers, path: "Tests/fuzz",
    exclude: ["Driver", "corpus", "finds", "seeds.py", "agree.py"],
    swiftSettings: strict)
  : .executableTarget(
    name: "slipway-fuzz", dependencies: parsers, path: "Tests/fuzz", sources: ["Targets", "Driver"],
    swiftSettings: strict)

/// What `scripts/bench proxy` measures with, and the fleet of `scripts/simulate`; built only then.
let measuring: [Target] =
  (Context.environment["SLIPWAY_BENCH"] == nil
    ? []
    : [
      .executableTarget(
        name: "slipway-bench", dependencies: ["Proxies"], path: "Tests/bench/proxy", swiftSettings: strict)
    ])
  + (Context.environment["SLIPWAY_SIMULATE"] == nil
    ? []
    : [
      .executableTarget(
        name: "slipway-simulate",
        dependencies: [
          "TUF", "Cryptography", "Product", "Installation", "Services", "Transport", "Updating", argumentParser,
          subprocess, system,
        ], path: "Tests/simulate", swiftSettings: strict)
    ])

let package = Package(
  name: "slipway",
  products: [
    // With the module that keys and digests come from; nothing else of Slipway.
    .library(name: "TUF", targets: ["TUF", "Cryptography"]),
    .executable(name: "slipway", targets: ["slipway"]),
    .executable(name: "slipway-setup", targets: ["slipway-setup"]),
    .executable(name: "slipway-release", targets: ["slipway-release"]),
    .executable(name: "slipway-agent", targets: ["slipway-agent"]),
    .executable(name: "tuf-client", targets: ["tuf-client"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    .target(name: "CPosix", cSettings: gnu),
    .target(
      name: "CArchive", cSettings: gnu,
      linkerSettings: archives("archive", "zstd", "lzma", "z", "bz2", "lz4", "acl", "nettle")),
    .target(name: "COpenSSL", cSettings: gnu, linkerSettings: archives("crypto")),
    // Headers only: the libraries are opened at run time.
    .target(name: "CTSS2", cSettings: gnu),

    library("Posix", ["CPosix", system]),
    library("Cryptography", ["COpenSSL"]),
    // Apart from TPM: who judges a TPM need not carry what opens one.
    library("TPMState", []),
    library("TPM", ["CTSS2", "Cryptography", "Posix", "TPMState", system]),
    library("TUF", ["Cryptography"]),
    library("Archives", ["CArchive", "Posix", "Cryptography"]),
    // Apart from Archives: libarchive's writers drag in libxml2, which no device shall need.
    .target(
      name: "Packing", dependencies: ["Archives", "CArchive", "Posix", "Cryptography"], swiftSettings: strict,
      linkerSettings: [.linkedLibrary("xml2")]),
    library("Product", ["Proxies"]),
    library("ProductTOML", ["Product", "Proxies", "TOMLKit"]),
    library("Bundles", ["TUF", "Archives", "Product"]),
    library("Publishing", ["TUF", "Packing", "Bundles", "Product", "ProductTOML", "Transport", system]),
    library("Installation", ["Posix", "Bundles", "Product"]),
    library("Services", ["Posix", "Product", subprocess]),
    .target(name: "CDuktape", cSettings: gnu),
    library("Proxies", ["CPosix", "Posix", system]),
    // Apart from Proxies: only the program that becomes an evaluator carries the script engine.
    library("PACEvaluation", ["CDuktape", "CPosix", "Proxies", system]),
    library("Prerequisites", ["TPMState", "Posix", "Product", system]),
    library(
      "Transport",
      [
        "Cryptography", "Posix", "Proxies", system, .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    .target(
      name: "Updating",
      dependencies: ["Archives", "CArchive", "Installation", "Services", "Transport", "Bundles", logging],
      resources: [.embedInCode("Resources/offboard.sh")], swiftSettings: strict),

    library("Console", ["Installation", "Prerequisites", "Product", "Proxies"]),

    program(
      "slipway",
      [
        "Console", "Updating", "Prerequisites", "PACEvaluation", "ProductTOML", "Proxies", "TPM", "Transport",
        argumentParser, logging, subprocess,
      ]),
    .executableTarget(
      name: "slipway-setup", dependencies: ["Console", "Bundles", "Installation", "Prerequisites", argumentParser],
      swiftSettings: strict,
      // Nothing in it throws a C++ exception: the index for finding who catches one would be half a megabyte of each Setup file.
      linkerSettings: [.unsafeFlags(["-Xlinker", "--no-eh-frame-hdr"], .when(configuration: .release))]),
    program(
      "slipway-release",
      [
        "Console", "Publishing", "Proxies", "Transport", argumentParser, system,
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ]),
    program(
      "slipway-agent",
      [
        "CPosix", argumentParser, logging,
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ]),
    program("tuf-client", ["TUF", "Transport", "Proxies", "Cryptography", "Posix", argumentParser, system]),

    tests("Posix"),
    tests("Cryptography"),
    tests("TPM", ["TPMState", "Transport", "slipway", subprocess, system]),
    tests("TUF", exclude: ["interop"]),
    tests("Archives", ["Packing"]),
    tests("Product", ["Cryptography"]),
    tests("ProductTOML"),
    tests("Bundles", [subprocess]),
    tests("Publishing", [system]),
    tests("Installation"),
    tests("Services"),
    tests("Prerequisites", [system]),
    tests("Console", [system]),
    tests("Proxies", ["PACEvaluation", "slipway", subprocess, system]),
    tests("Transport", ["Proxies", "Cryptography", system], exclude: ["proxy.py", "server.py", "stranger.py"]),
    tests("Updating", [system]),
    .testTarget(
      name: "ReleaseTests",
      dependencies: [
        "slipway-release", subprocess, system, .product(name: "NIOHTTP1", package: "swift-nio"),
      ], swiftSettings: strict),
    fuzzing,
  ] + measuring,
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
