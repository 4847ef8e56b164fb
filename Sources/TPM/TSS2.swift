import CTSS2
import TPMState

/// The functions of tpm2-tss, found when first asked for and kept for the life of the process.
enum TSS2 {
  // Unchecked: a table of C function pointers, written once before anybody reads it.
  private enum Outcome: @unchecked Sendable {
    case opened(shim_tss2)
    case failed(TPMError)
  }

  private static let outcome: Outcome = {
    var table = shim_tss2()
    var fault = [CChar](repeating: 0, count: 512)
    guard shim_tss2_open(&table, &fault, fault.count) == 0 else {
      let reason = String(decoding: fault.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      return .failed(TPMError(.libraryMissing, reason))
    }
    return .opened(table)
  }()

  static func opened() throws(TPMError) -> shim_tss2 {
    switch outcome {
    case .opened(let table): return table
    case .failed(let error): throw error
    }
  }
}
