/// A mutex: state 1 while it is held.
struct MutexModel: ObjectModel {
    enum Call: Hashable {
        case acquire
        case release
    }

    let initial: Int64 = 0

    func step(_ state: Int64, _ call: Call) -> Int64? {
        switch call {
        case .acquire: state == 0 ? 1 : nil
        case .release: state == 1 ? 0 : nil
        }
    }

    func isPure(_ call: Call) -> Bool {
        switch call {
        case .acquire, .release: false
        }
    }
}
