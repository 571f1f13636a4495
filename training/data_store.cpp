#include "training/data_store.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <span>
#include <system_error>

#include "core/error.hpp"
#include "training/csv_file.hpp"
#include "training/idx_file.hpp"
#include "training/npy_file.hpp"

namespace wavesmith {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t held_out = 5;  // every fifth row of an undivided set is for testing
constexpr std::array<const char*, 5> known_names{"mnist", "fashion-mnist", "optdigits", "iris",
                                                 "iris-cm"};

std::string environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : "";
}

std::string shape_text(std::span<const std::size_t> shape) {
  std::string text;
  for (const std::size_t extent : shape) {
    text += (text.empty() ? "" : " x ") + std::to_string(extent);
  }
  return text;
}

// The first folder that holds one of `files`, as the path of that file.
std::optional<fs::path> find_file(const std::vector<fs::path>& folders,
                                  const std::vector<std::string>& files) {
  for (const fs::path& folder : folders) {
    for (const std::string& file : files) {
      std::error_code ignored;
      if (fs::exists(folder / file, ignored)) return folder / file;
    }
  }
  return std::nullopt;
}

[[noreturn]] void report_missing(const std::string& set, const std::vector<std::string>& files,
                                 const std::vector<fs::path>& folders) {
  std::string message = "the data set \"" + set + "\" is not here: looked for ";
  for (std::size_t i = 0; i < files.size(); ++i) message += (i == 0 ? "" : " or ") + files[i];
  message += " in ";
  for (std::size_t i = 0; i < folders.size(); ++i) {
    message += (i == 0 ? "" : ", ") + folders[i].string();
  }
  if (folders.empty()) message += "no folder (none of --data, $WAVESMITH_DATA, $HOME is set)";
  const bool fetchable = set == "mnist" || set == "fashion-mnist";
  message += fetchable ? "; run `wavesmith fetch " + set + "`, or name its folder with --data DIR"
                       : "; name its folder with --data DIR";
  throw UnavailableError(message);
}

std::size_t limited(std::size_t count, std::size_t limit) {
  return limit == 0 ? count : std::min(count, limit);
}

// Row numbers of a split of an undivided set.
std::vector<std::size_t> chosen_rows(std::size_t count, Split split, std::size_t limit) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < count && (limit == 0 || rows.size() < limit); ++row) {
    const bool test_row = row % held_out == held_out - 1;
    if (split == Split::all || test_row == (split == Split::test)) rows.push_back(row);
  }
  return rows;
}

// The two sets have the same file names; their first labels tell them apart.
struct Opening {
  const char* set;
  Split split;
  std::array<std::uint8_t, 8> labels;
};
constexpr std::array<Opening, 4> openings{
    {{"mnist", Split::train, {5, 0, 4, 1, 9, 2, 1, 3}},
     {"mnist", Split::test, {7, 2, 1, 0, 4, 1, 4, 9}},
     {"fashion-mnist", Split::train, {9, 0, 0, 3, 0, 2, 7, 2}},
     {"fashion-mnist", Split::test, {9, 2, 1, 1, 6, 1, 4, 6}}}};

// Throws where the labels are another set's, or the other split's.
void check_opening(const std::string& set, Split split, std::span<const std::uint8_t> labels,
                   const fs::path& path) {
  for (const Opening& opening : openings) {
    if (labels.size() < opening.labels.size() ||
        !std::equal(opening.labels.begin(), opening.labels.end(), labels.begin())) {
      continue;
    }
    WAVESMITH_VALIDATE(opening.set == set && opening.split == split,
                       path.string() + " holds the " +
                           (opening.split == Split::train ? "training" : "test") + " labels of " +
                           opening.set + ", not those asked for (" + set + ", " +
                           (split == Split::train ? "training" : "test") +
                           "); keep each set in a folder of its own name");
  }
}

Dataset load_idx_pair(const std::string& set, Split split, const std::vector<fs::path>& folders,
                      std::size_t limit) {
  // The labels have to lie beside the images: two folders may hold different sets.
  const std::string stem = split == Split::train ? "train" : "t10k";
  const std::string image_stem = stem + "-images-idx3-ubyte";
  const std::string label_stem = stem + "-labels-idx1-ubyte";
  const fs::path image_path = found_file(set, {image_stem, image_stem + ".gz"}, folders);
  const fs::path label_path =
      found_file(set, {label_stem, label_stem + ".gz"}, {image_path.parent_path()});

  const IdxArray labels = read_idx(label_path);
  WAVESMITH_VALIDATE(labels.type == IdxType::u8 && labels.extents.size() == 1,
                     label_path.string() +
                         ": expected labels, a row of unsigned bytes (magic "
                         "2049), found elements of type " +
                         std::to_string(static_cast<int>(labels.type)) + " and extents " +
                         shape_text(labels.extents));
  const IdxArray images = read_idx(image_path);
  WAVESMITH_VALIDATE(images.type == IdxType::u8 && images.extents.size() == 3 &&
                         images.extents[1] == 28 && images.extents[2] == 28,
                     image_path.string() +
                         ": expected count x 28 x 28 unsigned bytes (magic "
                         "2051), found elements of type " +
                         std::to_string(static_cast<int>(images.type)) + " and extents " +
                         shape_text(images.extents));
  WAVESMITH_VALIDATE(images.extents[0] == labels.extents[0],
                     image_path.string() + " has " + std::to_string(images.extents[0]) +
                         " images, but " + label_path.string() + " has " +
                         std::to_string(labels.extents[0]) +
                         " labels; the two files do not belong together");
  for (std::size_t i = 0; i < labels.elements.size(); ++i) {
    WAVESMITH_VALIDATE(labels.elements[i] < 10, label_path.string() + ": label " +
                                                    std::to_string(i) + " (counted from 0) is " +
                                                    std::to_string(labels.elements[i]) +
                                                    "; expected 0 to 9");
  }

  check_opening(set, split, labels.elements, label_path);

  const std::size_t count = limited(labels.elements.size(), limit);
  Dataset data{set, 28, 28, {}, {}, 10};
  data.labels.assign(labels.elements.begin(),
                     labels.elements.begin() + static_cast<std::ptrdiff_t>(count));
  data.images.resize(count * 28 * 28);
  std::transform(images.elements.begin(),
                 images.elements.begin() + static_cast<std::ptrdiff_t>(data.images.size()),
                 data.images.begin(),
                 [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255.0f; });
  return data;
}

Dataset load_optdigits(Split split, const std::vector<fs::path>& folders, std::size_t limit) {
  const std::string file = split == Split::train ? "optdigits.tra" : "optdigits.tes";
  const fs::path path = found_file("optdigits", {file}, folders);
  const CsvNumbers table = read_csv(path, {CsvHeader::absent, CsvLabel::last, {}});
  WAVESMITH_VALIDATE(table.columns == 64,
                     path.string() + ": expected 64 pixels and a label in each row, found " +
                         std::to_string(table.columns) + " values and a label");
  WAVESMITH_VALIDATE(
      table.class_names.empty() && *std::max_element(table.labels.begin(), table.labels.end()) < 10,
      path.string() + ": expected labels from 0 to 9 in the last column");
  const std::size_t count = limited(table.rows, limit);
  Dataset data{"optdigits", 8, 8, {}, {}, 10};
  data.labels.assign(table.labels.begin(),
                     table.labels.begin() + static_cast<std::ptrdiff_t>(count));
  for (std::size_t i = 0; i < table.values.size(); ++i) {
    WAVESMITH_VALIDATE(table.values[i] >= 0 && table.values[i] <= 16,
                       path.string() + ": pixel " + std::to_string(i % 64) + " of row " +
                           std::to_string(i / 64) + " (counted from 0) is " +
                           std::to_string(table.values[i]) + "; expected 0 to 16");
    if (i < 64 * count) data.images.push_back(static_cast<float>(table.values[i] / 16.0));
  }
  return data;
}

Dataset load_iris(const std::string& name, Split split, const std::vector<fs::path>& folders,
                  std::size_t limit) {
  const fs::path path = found_file("iris", {"iris.csv"}, folders);
  const CsvNumbers table = read_csv(path, {CsvHeader::present, CsvLabel::last, {}});
  WAVESMITH_VALIDATE(table.columns == 4 && table.class_names.size() == 3,
                     path.string() +
                         ": expected 4 features and one of 3 species in each row, "
                         "found " +
                         std::to_string(table.columns) + " values and " +
                         std::to_string(table.class_names.size()) + " species");
  std::array<double, 4> least{}, largest{};
  for (std::size_t column = 0; column < 4; ++column) {
    least[column] = largest[column] = table.values[column];
    for (std::size_t i = column; i < table.values.size(); i += 4) {
      least[column] = std::min(least[column], table.values[i]);
      largest[column] = std::max(largest[column], table.values[i]);
    }
    WAVESMITH_VALIDATE(
        largest[column] > least[column],
        path.string() + ": column " + table.names[column] + " has the same value in every row");
  }
  if (name == "iris-cm") {
    least.fill(0.0);
    largest.fill(1.0);
  }
  Dataset data{name, 1, 4, {}, {}, 3};
  for (const std::size_t row : chosen_rows(table.rows, split, limit)) {
    data.labels.push_back(table.labels[row]);
    for (std::size_t column = 0; column < 4; ++column) {
      data.images.push_back(static_cast<float>((table.values[4 * row + column] - least[column]) /
                                               (largest[column] - least[column])));
    }
  }
  return data;
}

// 1 for values in 0..1; 255 for whole numbers in 0..255.
double full_range(std::span<const double> values, const std::string& name) {
  const auto [least, largest] = std::minmax_element(values.begin(), values.end());
  if (*least >= 0 && *largest <= 1) return 1.0;
  const bool bytes = *least >= 0 && *largest <= 255 &&
                     std::all_of(values.begin(), values.end(),
                                 [](double value) { return value == std::floor(value); });
  WAVESMITH_VALIDATE(bytes, name +
                                ": image values should lie in 0..1, or be whole numbers in "
                                "0..255, and go from " +
                                std::to_string(*least) + " to " + std::to_string(*largest) +
                                "; scale them");
  return 255.0;
}

// Features become one row, or a square image where their number is a square.
void set_shape(Dataset& data, std::size_t features) {
  const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(features))));
  const bool square = side * side == features;
  data.rows = square ? static_cast<int>(side) : 1;
  data.cols = static_cast<int>(square ? side : features);
}

// Fills images, labels and class_count from all rows of a file at a path.
void choose(Dataset& data, std::span<const double> values, std::span<const int> labels,
            const fs::path& path, Split split, std::size_t limit) {
  const double range = full_range(values, path.string());
  const std::size_t features = values.size() / labels.size();
  const std::vector<std::size_t> rows = chosen_rows(labels.size(), split, limit);
  WAVESMITH_VALIDATE(!rows.empty(), path.string() + " has " + std::to_string(labels.size()) +
                                        " rows, too few to hold every fifth out for testing; use "
                                        "all of it");
  data.class_count = *std::max_element(labels.begin(), labels.end()) + 1;
  for (const std::size_t row : rows) {
    data.labels.push_back(labels[row]);
    for (const double value : values.subspan(row * features, features)) {
      data.images.push_back(static_cast<float>(value / range));
    }
  }
}

Dataset load_csv_path(const fs::path& path, Split split, std::size_t limit) {
  const CsvNumbers table = read_csv(path, {CsvHeader::detect, CsvLabel::last, {}});
  Dataset data{path.stem().string(), 0, 0, {}, {}, 0};
  set_shape(data, table.columns);
  choose(data, table.values, table.labels, path, split, limit);
  return data;
}

Dataset load_npy_path(const fs::path& path, Split split, std::size_t limit) {
  const fs::path label_path = path.parent_path() / (path.stem().string() + "-labels.npy");
  const NpyArray images = read_npy(path);
  const std::vector<std::size_t>& shape = images.shape;
  WAVESMITH_VALIDATE(
      (shape.size() == 2 || shape.size() == 3) && images.count() > 0 && !images.is_complex() &&
          std::all_of(shape.begin(), shape.end(),
                      [](std::size_t extent) { return extent <= 1u << 30; }),
      path.string() +
          ": expected real images of shape (count, rows, cols) or "
          "(count, features), found " +
          (images.is_complex() ? "complex numbers of shape " : "shape ") + shape_text(shape));
  const NpyArray labels = read_npy(label_path);
  WAVESMITH_VALIDATE(labels.shape.size() == 1 && labels.is_integer(),
                     label_path.string() + ": expected a row of whole numbers, found " +
                         (labels.is_integer() ? "" : "other numbers of ") + "shape " +
                         shape_text(labels.shape));
  WAVESMITH_VALIDATE(labels.shape[0] == shape[0],
                     path.string() + " has " + std::to_string(shape[0]) + " images, but " +
                         label_path.string() + " has " + std::to_string(labels.shape[0]) +
                         " labels; the two files do not belong together");
  std::vector<int> label_values(labels.count());
  for (std::size_t i = 0; i < label_values.size(); ++i) {
    const double label = labels.value(i).real();
    WAVESMITH_VALIDATE(label >= 0 && label <= 65535,
                       label_path.string() + ": label " + std::to_string(i) +
                           " (counted from 0) is " + std::to_string(label) +
                           "; expected 0 to 65535");
    label_values[i] = static_cast<int>(label);
  }
  std::vector<double> values(images.count());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = images.value(i).real();

  Dataset data{path.stem().string(), 0, 0, {}, {}, 0};
  if (shape.size() == 3) {
    data.rows = static_cast<int>(shape[1]);
    data.cols = static_cast<int>(shape[2]);
  } else {
    set_shape(data, shape[1]);
  }
  choose(data, values, label_values, path, split, limit);
  return data;
}

}  // namespace

fs::path found_file(const std::string& set, const std::vector<std::string>& files,
                    const std::vector<fs::path>& folders) {
  const std::optional<fs::path> path = find_file(folders, files);
  if (!path) report_missing(set, files, folders);
  return *path;
}

std::optional<fs::path> user_cache() {
  const fs::path cache = environment("XDG_CACHE_HOME");
  // The XDG base directory specification has relative paths ignored.
  if (cache.is_absolute()) return cache / "wavesmith";
  const std::string home = environment("HOME");
  if (home.empty()) return std::nullopt;
  return fs::path(home) / ".cache" / "wavesmith";
}

std::vector<fs::path> data_folders(const std::string& name, const fs::path& data_dir) {
  std::vector<fs::path> roots;
  if (!data_dir.empty()) roots.push_back(data_dir);
  if (const std::string folder = environment("WAVESMITH_DATA"); !folder.empty()) {
    roots.emplace_back(folder);
  }
  if (const std::optional<fs::path> cache = user_cache()) roots.push_back(*cache);
  std::vector<fs::path> folders;
  for (const fs::path& root : roots) {
    folders.push_back(root / name);
    folders.push_back(root);
  }
  return folders;
}

Split parse_split(const std::string& word) {
  if (word == "train") return Split::train;
  if (word == "test") return Split::test;
  if (word == "all") return Split::all;
  throw InputError("the split \"" + word + "\" is unknown; use train, test or all");
}

Dataset load_dataset(const std::string& name, Split split, const fs::path& data_dir,
                     std::size_t limit) {
  const fs::path path = name;
  if (path.extension() == ".csv") return load_csv_path(path, split, limit);
  if (path.extension() == ".npy") return load_npy_path(path, split, limit);
  WAVESMITH_VALIDATE(std::find(known_names.begin(), known_names.end(), name) != known_names.end(),
                     "the data set \"" + name +
                         "\" is unknown; use mnist, fashion-mnist, optdigits, iris, iris-cm, or a "
                         "path that ends in .csv "
                         "or .npy");

  std::error_code ignored;
  if (!data_dir.empty() && !fs::is_directory(data_dir, ignored)) {
    throw UnavailableError("the data folder " + data_dir.string() +
                           " does not exist; correct --data, or leave it out");
  }
  const std::vector<fs::path> folders = data_folders(name == "iris-cm" ? "iris" : name, data_dir);
  if (name == "iris" || name == "iris-cm") return load_iris(name, split, folders, limit);
  WAVESMITH_VALIDATE(split != Split::all, "the data set \"" + name +
                                              "\" comes in two parts; use the split train or test");
  if (name == "optdigits") return load_optdigits(split, folders, limit);
  return load_idx_pair(name, split, folders, limit);
}

}  // namespace wavesmith
