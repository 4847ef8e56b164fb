import ArgumentParser
import Glibc
import Posix
import Product
import Publishing
import SystemPackage

/// The repository that a verb works on.
struct RepositoryOptions: ParsableArguments {
  @Option(name: .customLong("repository"), help: ArgumentHelp("The repository's folder.", valueName: "dir"))
  var directory: String

  var path: FilePath { FilePath(directory) }
}

/// Where keys and their passphrases come from, and how long what they sign lasts.
struct KeyOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the keys: root/, targets/, online/, ID/.", valueName: "dir"))
  var keys: String?

  @Option(
    name: .customLong("key"), help: ArgumentHelp("A single key file; may be given several times.", valueName: "file"))
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "A file whose first line is the keys' passphrase; may be given several times. Otherwise SLIPWAY_PASSPHRASE, "
        + "or a question on the terminal.", valueName: "file"))
  var passphraseFile: [String] = []

  @Option(
    help: ArgumentHelp(
      "How long what is signed now lasts, by role: root, targets, product, rollout, snapshot or timestamp, for "
        + "example timestamp=12h or root=400d; may be given several times.", valueName: "role=time"))
  var expires: [String] = []

  var folder: KeyFolder? { keys.map { KeyFolder(FilePath($0)) } }

  /// What the verb signs with; reads the clock, once.
  func signing() throws -> Signing {
    var lifetimes = Lifetimes.standard
    for text in expires {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let kind = Lifetimes.Kind(rawValue: parts[0]), let seconds = Self.duration(parts[1])
      else {
        throw ValidationError("--expires '\(text)' is not ROLE=TIME, such as timestamp=12h or rollout=90d.")
      }
      lifetimes[kind] = seconds
    }
    return Signing(
      folder: folder, files: files.map { FilePath($0) }, reader: try reader(), lifetimes: lifetimes,
      now: HostClock.wallSeconds())
  }

  private func reader() throws -> KeyReader {
    var passphrases = try passphraseFile.map { try Passphrase.read(FilePath($0)) }
    if passphrases.isEmpty, let value = getenv("SLIPWAY_PASSPHRASE") {
      passphrases = [Array(String(cString: value).utf8)]
    }
    return KeyReader(passphrases: passphrases, ask: passphrases.isEmpty ? Passphrase.asker() : nil)
  }

  /// Whole seconds, minutes, hours or days up to ten years.
  private static func duration(_ text: String) -> Int64? {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count > 0 else { return nil }
    let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
    return overflow || seconds > 3_660 * 86_400 ? nil : seconds
  }
}

/// A release named by its product and its version.
struct ReleaseArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("The product's id.", valueName: "id"))
  var product: ProductID

  @Argument(help: "The version, such as 1.4.2.")
  var version: SemanticVersion
}

extension ProductID: ExpressibleByArgument {
  public init?(argument: String) { try? self.init(argument) }
}

extension SemanticVersion: ExpressibleByArgument {
  public init?(argument: String) { try? self.init(argument) }
}

extension Platform: ExpressibleByArgument {
  public init?(argument: String) { try? self.init(argument) }
}

extension Product.Timestamp: ExpressibleByArgument {
  public init?(argument: String) { try? self.init(argument) }
}
