// Data sets by name or by path.
//
//   mnist, fashion-mnist   the four standard IDX files, plain or .gz: 28 x 28, 10 classes
//   optdigits              optdigits.tra and optdigits.tes: 8 x 8 pixels of 0..16, 10 classes
//   iris                   iris.csv: one row of 4 features, 3 classes; iris-cm: as measured
//   PATH.csv               a row per image, the label in the last column
//   PATH.npy               (count, rows, cols) or (count, features), with labels in
//                          PATH-labels.npy beside it
//
// Names are searched in DIR/<name> and DIR, for DIR in: the folder asked for (--data),
// $WAVESMITH_DATA, and the user's cache ($XDG_CACHE_HOME/wavesmith or ~/.cache/wavesmith).
//
// Scale: named images by their full range (255, 16); iris, each column from its least to its
// largest value over all 150 rows; files at a path hold values in 0..1, or whole numbers in 0..255,
// which are divided by 255. A file's row whose number of features is a square is a square image.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "training/dataset.hpp"

namespace wavesmith {

// Sets without a published division (iris, paths) give every fifth row to `test`, the others to
// `train`; `all` is for these only.
enum class Split { train, test, all };

// At most `limit` images, the first ones of the split; 0 for no limit. `data_dir` may be empty.
// UnavailableError where the set is not there, naming the places searched; InputError where a name
// is unknown or a file is wrong.
Dataset load_dataset(const std::string& name, Split split,
                     const std::filesystem::path& data_dir = {}, std::size_t limit = 0);

// The first of `folders` that holds one of `files`, as the path of that file; UnavailableError
// naming all of them where none does.
std::filesystem::path found_file(const std::string& set, const std::vector<std::string>& files,
                                 const std::vector<std::filesystem::path>& folders);

// The folders that a name is searched in, in order.
std::vector<std::filesystem::path> data_folders(const std::string& name,
                                                const std::filesystem::path& data_dir);

// $XDG_CACHE_HOME/wavesmith or ~/.cache/wavesmith; nothing where neither is set.
std::optional<std::filesystem::path> user_cache();

// "train", "test" or "all"; InputError otherwise.
Split parse_split(const std::string& word);

}  // namespace wavesmith
