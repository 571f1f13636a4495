// Formants of American English vowels: Hillenbrand, Getty, Clark and Wheeler, J. Acoust. Soc. Am.
// 97, 3099 (1995), in the table `vowdata.dat` that comes with their recordings.
//
// A row: the recording's name (a letter for men, women, boys or girls; the talker's number; the
// vowel), then 15 numbers. An entry of 0 could not be measured.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "training/dataset.hpp"

namespace wavesmith {

// Columns: duration [ms]; pitch f0 and formants f1 to f4 at the steady state; f1_20 to f3_20,
// f1_50 to f3_50, f1_80 to f3_80 at shares of the vowel's duration [Hz].
const std::vector<std::string>& vowel_columns();
// "ae" (had), "ah" (hod), "aw" (hawed), "eh" (head), "er" (heard), "ei" (hayed), "ih" (hid), "iy"
// (heed), "oa" (boat), "oo" (hood), "uh" (hud), "uw" (who'd).
const std::vector<std::string>& vowel_names();

// A row of features per recording, in the file's order; labels count `vowels`. What could not be
// measured is the mean of its column over the vowel's other talkers of the same kind (men, women,
// boys, girls). The folder is searched as in training/data_store.hpp. Throws UnavailableError where
// the table is not there, InputError where it, a column or a vowel is wrong.
Dataset load_vowels(const std::vector<std::string>& columns, const std::vector<std::string>& vowels,
                    const std::filesystem::path& data_dir);

}  // namespace wavesmith
