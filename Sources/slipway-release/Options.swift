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
    name: .customLong("signer"),
    help: ArgumentHelp(
      "A key that a command signs with, such as one in a hardware token, and its public key (PEM): the shell command "
        + "reads the bytes to sign from standard input and writes the raw signature to standard output; may be given "
        + "several times.", valueName: "public-key=command"))
  var signers: [String] = []

  @Option(help: ArgumentHelp("How long a signer command may take.", valueName: "time"))
  var signerTimeout = "60s"

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

  /// Whether any key was named.
  var areNamed: Bool { keys != nil || !files.isEmpty || !signers.isEmpty }

  /// What the verb signs with; reads the clock, once.
  ///
  /// - Parameter proposal: where the change is written to instead of being published.
  func signing(proposal: FilePath? = nil) throws -> Signing {
    var lifetimes = Lifetimes.standard
    for text in expires {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let kind = Lifetimes.Kind(rawValue: parts[0]), let seconds = Time.seconds(parts[1])
      else {
        throw ValidationError("--expires '\(text)' is not ROLE=TIME, such as timestamp=12h or rollout=90d.")
      }
      lifetimes[kind] = seconds
    }
    return Signing(
      folder: folder, files: files.map { FilePath($0) }, commands: try commands(), reader: try reader(),
      lifetimes: lifetimes, now: HostClock.wallSeconds(), proposal: proposal)
  }

  private func commands() throws -> [SignerCommand] {
    guard let patience = Time.seconds(signerTimeout) else {
      throw ValidationError("--signer-timeout '\(signerTimeout)' is not a time, such as 90s or 5m.")
    }
    return try signers.map { text in
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw ValidationError("--signer '\(text)' is not PUBLIC-KEY=COMMAND, such as 'root.pub=sign-with-token'.")
      }
      return SignerCommand(
        publicKey: try KeyReader.publicKey(FilePath(parts[0])), command: parts[1], patience: Int(patience))
    }
  }

  private func reader() throws -> KeyReader { try Self.reader(passphraseFile) }

  /// Opens keys with the passphrases in these files; without any, with SLIPWAY_PASSPHRASE or a question.
  static func reader(_ files: [String]) throws -> KeyReader {
    var passphrases = try files.map { try Passphrase.read(FilePath($0)) }
    if passphrases.isEmpty, let value = getenv("SLIPWAY_PASSPHRASE") {
      passphrases = [Array(String(cString: value).utf8)]
    }
    return KeyReader(passphrases: passphrases, ask: passphrases.isEmpty ? Passphrase.asker() : nil)
  }
}

/// Lengths of time on the command line.
enum Time {
  /// Whole seconds, minutes, hours or days up to ten years, such as 12h.
  static func seconds(_ text: String) -> Int64? {
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
